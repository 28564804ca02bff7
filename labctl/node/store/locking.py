"""Who may touch a mailbox file now: the dot lock beside it, and the kernel lock on it.

INPUT AND OUTPUT
    ``mailbox_lock(path, fd, policy)`` holds every lock that the policy names, in the order
    in which Postfix and c-client take them: first ``PATH.lock``, then fcntl(2).  A reader
    and a delivery that both follow this order never wait for each other in a circle.

STATES
    A dot lock older than ``stale_seconds`` belongs to a program that died: it is removed.
    What a crash leaves is therefore a mailbox that waits at most that long.

WHY NOT A LINK
    link(2) to a private name is what NFS needs.  Mailboxes here lie on a local disk, where
    O_EXCL is atomic; a program that links (procmail, c-client) is still excluded by us.

BUGS
    Two hosts that share a mailbox over NFS may both believe that they hold the dot lock.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Final, NamedTuple


class LockPolicy(NamedTuple):
    """How to lock, and how patiently; the defaults are those of postconf(5) on Debian."""

    methods: tuple[str, ...] = ("fcntl", "dotlock")  # mailbox_delivery_lock
    attempts: int = 20  # deliver_lock_attempts
    delay: float = 1.0  # deliver_lock_delay
    stale_seconds: float = 500.0  # stale_lock_time


class MailboxBusy(OSError):
    """Another program held the mailbox for the whole of our patience."""


USUAL: Final = LockPolicy()

# Shorter than deliver_lock_delay, so that a lock held for milliseconds costs milliseconds;
# the total patience stays attempts * delay.
FIRST_PAUSE: Final = 0.01


@contextmanager
def mailbox_lock(path: str, fd: int, policy: LockPolicy = USUAL) -> Iterator[None]:
    """Hold all locks of the policy on the open mailbox file."""
    with ExitStack() as held:
        if "dotlock" in policy.methods:
            held.enter_context(dotlock(path, policy))
        for name, lock in KERNEL_LOCKS.items():
            if name in policy.methods:
                _until_patience_ends(policy, path, partial(lock, fd))
        yield


@contextmanager
def dotlock(path: str, policy: LockPolicy = USUAL) -> Iterator[None]:
    """Hold ``path.lock``; an OSError other than `MailboxBusy` says that it cannot be made."""
    name = dotlock_name(path)
    _until_patience_ends(policy, path, lambda: _create(name, policy.stale_seconds))
    try:
        yield
    finally:
        # Whoever found our lock stale has removed it already.
        with suppress(FileNotFoundError):
            os.unlink(name)


def dotlock_name(path: str) -> str:
    """The name that every mail program agrees on."""
    return f"{path}.lock"


def try_fcntl(fd: int, *, shared: bool = False) -> bool:
    """Take the kernel's record lock on the whole file, if nobody else holds it."""
    return _attempt(fcntl.lockf, fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def try_flock(fd: int, *, shared: bool = False) -> bool:
    """Take the BSD lock on the open file, if nobody else holds it."""
    return _attempt(fcntl.flock, fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def unlock_fcntl(fd: int) -> None:
    """Give the record lock back; closing *any* descriptor of the file does that too."""
    fcntl.lockf(fd, fcntl.LOCK_UN)


def _create(name: str, stale_seconds: float) -> bool:
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    except FileExistsError:
        _remove_if_stale(name, stale_seconds)
        return False
    return True


def _remove_if_stale(name: str, stale_seconds: float) -> None:
    with suppress(FileNotFoundError):
        # File times are the kernel's, so the lab's own clock has no say here.
        if time.time() - os.stat(name).st_mtime > stale_seconds:
            os.unlink(name)


def _attempt(call: Callable[[int, int], None], fd: int, kind: int) -> bool:
    try:
        call(fd, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            return False
        raise
    return True


def _until_patience_ends(policy: LockPolicy, path: str, take: Callable[[], bool]) -> None:
    deadline = time.monotonic() + policy.attempts * policy.delay
    pause = FIRST_PAUSE
    while not take():
        if time.monotonic() >= deadline:
            raise MailboxBusy(errno.EEXIST, os.strerror(errno.EEXIST), path)
        time.sleep(min(pause, policy.delay))
        pause *= 2


KERNEL_LOCKS: Final[Mapping[str, Callable[[int], bool]]] = {
    "fcntl": try_fcntl,
    "flock": try_flock,
}
