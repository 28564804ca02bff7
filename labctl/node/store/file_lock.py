"""Lock a mailbox file for one operation as c-client does, and say what is in the way.

WHY NOT mailbox_lock()
    A delivery agent gives up and tries later.  Here somebody waits at a keyboard: a foreign
    dot lock is announced while we wait, and a spool directory in which no dot lock can be
    made is a warning, not an error.  The primitives are those of ``locking``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from typing import Final

from labctl.node.store.listener import Listener, MailboxError
from labctl.node.store.locking import dotlock_name, try_fcntl, try_flock, unlock_fcntl

STALE: Final = 300  # seconds after which a dot lock belongs to a program that died
ANNOUNCE_EVERY: Final = 15.0
PAUSE: Final = 0.05


@contextlib.contextmanager
def locked(path: str, fd: int, listener: Listener, *, shared: bool = False) -> Iterator[None]:
    """Hold the dot lock, if one can be made, and both kernel locks."""
    dot = _take_dotlock(path, listener)
    try:
        _wait(lambda: try_flock(fd, shared=shared), path)
        _wait(lambda: try_fcntl(fd, shared=shared), path)
        yield
    finally:
        unlock_fcntl(fd)
        _unflock(fd)
        if dot:
            with contextlib.suppress(OSError):
                os.unlink(dot)


@contextlib.contextmanager
def steady(path: str, fd: int) -> Iterator[None]:
    """No session of ours rewrites the file meanwhile; deliveries, which append, may go on."""
    _wait(lambda: try_flock(fd, shared=True), path)
    try:
        yield
    finally:
        _unflock(fd)


def _take_dotlock(path: str, listener: Listener) -> str:
    name = dotlock_name(path)
    began, announced = time.monotonic(), -ANNOUNCE_EVERY
    while True:
        try:
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            waited = time.monotonic() - began
            if waited - announced >= ANNOUNCE_EVERY:
                left = max(STALE - int(waited), 0)
                listener.warn(f"Mailbox {path} is locked, will override in {left} seconds...")
                announced = waited
            _remove_if_stale(name)
            time.sleep(PAUSE)
        except OSError as error:
            listener.warn(_why_vulnerable(path, name, error))
            return ""
        else:
            return name


def _remove_if_stale(name: str) -> None:
    with contextlib.suppress(OSError):
        # File times are the kernel's, so the lab's own clock has no say here.
        if time.time() - os.stat(name).st_ctime > STALE:
            os.unlink(name)


def _why_vulnerable(path: str, name: str, error: OSError) -> str:
    directory = os.path.dirname(path)
    if os.stat(directory).st_mode & 0o1777 != 0o1777:
        return f"Mailbox vulnerable - directory {directory} must have 1777 protection"
    return f"Mailbox vulnerable - error creating {name}: {error.strerror}"


def _wait(take: Callable[[], bool], path: str) -> None:
    deadline = time.monotonic() + STALE
    while not take():
        if time.monotonic() >= deadline:
            raise MailboxError(f"Mailbox {path} is locked by another program")
        time.sleep(PAUSE)


def _unflock(fd: int) -> None:
    fcntl.flock(fd, fcntl.LOCK_UN)
