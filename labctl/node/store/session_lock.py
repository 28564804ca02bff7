"""The lock for a whole session, and the kiss of death for whoever holds it.

STATES
    /tmp/.DEV.INODE (hex) exists with the pid of its owner while a session may write the
    mailbox; flock(2) on it is the lock itself, so a crash leaves a file and no lock.

WHY KILL
    An mbox has one writer.  UW-IMAP lets the newest session win: it sends SIGUSR2 to the
    owner, which saves and leaves.  A POP3 session in use refuses (RFC 1939 8), and the new
    session becomes read-only after fifteen tries.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import time
from typing import Final, NamedTuple

from labctl.node.store.listener import Listener
from labctl.node.store.locking import try_flock

DIRECTORY: Final = "/tmp"
KISS_OF_DEATH: Final = signal.SIGUSR2
TRIES: Final = 15


class SessionLock(NamedTuple):
    """Held as long as the descriptor is open."""

    path: str
    descriptor: int

    def release(self) -> None:
        # Gone before it is unlocked: the next owner makes a file of its own.
        with contextlib.suppress(OSError):
            os.unlink(self.path)
        os.close(self.descriptor)


def lock_path(mailbox: os.stat_result) -> str:
    """The name that all sessions on this file agree on."""
    return f"{DIRECTORY}/.{mailbox.st_dev:x}.{mailbox.st_ino:x}"


def try_to_own(mailbox: os.stat_result) -> SessionLock | int:
    """The lock, or the pid of the session that has it (0 when it does not say)."""
    path = lock_path(mailbox)
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError:
        return 0
    if not stat.S_ISREG(os.fstat(fd).st_mode) or not _owned(path, fd):
        pid = _pid_in(fd)
        os.close(fd)
        return pid
    with contextlib.suppress(PermissionError):
        os.fchmod(fd, 0o666)
    os.ftruncate(fd, 0)
    os.pwrite(fd, str(os.getpid()).encode(), 0)
    return SessionLock(path, fd)


def own(mailbox: os.stat_result, listener: Listener, *, kiss: bool) -> SessionLock | None:
    """The lock, taken from its owner if ``kiss`` allows and the owner obeys."""
    held = try_to_own(mailbox)
    if isinstance(held, SessionLock):
        return held
    if not kiss:
        return None
    if held and held != os.getpid():
        listener.warn(f"Trying to get mailbox lock from process {held}")
    for _ in range(TRIES):
        if held and held != os.getpid():
            with contextlib.suppress(OSError):
                os.kill(held, KISS_OF_DEATH)
        taken = _wait_a_second(mailbox)
        if taken is not None:
            return taken
    return None


def in_use(path: str) -> bool:
    """Whether some session may write this mailbox now."""
    try:
        held = try_to_own(os.stat(path))
    except OSError:
        return False
    if isinstance(held, SessionLock):
        held.release()
        return False
    return True


def _wait_a_second(mailbox: os.stat_result) -> SessionLock | None:
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        held = try_to_own(mailbox)
        if isinstance(held, SessionLock):
            return held
        time.sleep(0.02)
    return None


def _owned(path: str, fd: int) -> bool:
    """The lock counts only if the name still leads to the file that is locked."""
    if not try_flock(fd):
        return False
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def _pid_in(fd: int) -> int:
    text = os.pread(fd, 32, 0).strip(b"\0 \n")
    return int(text) if text.isdigit() else 0
