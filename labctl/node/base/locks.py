"""Locks on files, each with a deadline: dot locks, fcntl(2) and flock(2).

WHY SO MANY
    Programs of different schools share one mailbox: Postfix on Debian takes fcntl and a dot
    lock, procmail a dot lock, UW-IMAP flock.  Who holds what the others look at is safe.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from typing import Final

# Whoever holds a mailbox needs some milliseconds for its fsync(2); to look every one of them
# cost local(8) a quarter of its CPU when two deliver to one user.
_FIRST_WAIT, _LONGEST_WAIT = 0.004, 0.05


class LockTimeout(Exception):
    """Somebody else held the lock until the deadline."""


def lock_fcntl(descriptor: int, *, exclusive: bool = True, patience: float = 0.0) -> None:
    """A POSIX record lock on the whole file; it ends with the first close of the file."""
    _lock(lambda flags: fcntl.lockf(descriptor, flags), exclusive, patience)


def lock_flock(descriptor: int, *, exclusive: bool = True, patience: float = 0.0) -> None:
    """A BSD lock; it belongs to the open file, so that a forked child has it too."""
    _lock(lambda flags: fcntl.flock(descriptor, flags), exclusive, patience)


@contextlib.contextmanager
def dot_lock(path: str, *, patience: float = 20.0, stale: float = 500.0) -> Iterator[None]:
    """Hold PATH.lock; one that is older than ``stale`` seconds was left by a crash."""
    name = f"{path}.lock"
    _until(lambda: _make(name, stale), patience, name)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _make(name: str, stale: float) -> bool:
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        _remove_stale(name, stale)
        return False
    return True


def _remove_stale(name: str, stale: float) -> None:
    with contextlib.suppress(FileNotFoundError):
        # Real time: the file's own times come from the kernel, not from the lab's clock.
        if time.time() - os.stat(name).st_mtime > stale:
            os.unlink(name)


def _lock(take: Callable[[int], None], exclusive: bool, patience: float) -> None:
    flags = (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB

    def attempt() -> bool:
        try:
            take(flags)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            return False
        return True

    _until(attempt, patience, "file")


def _until(attempt: Callable[[], bool], patience: float, name: str) -> None:
    deadline, wait = time.monotonic() + patience, _FIRST_WAIT
    while not attempt():
        left = deadline - time.monotonic()
        if left <= 0:
            raise LockTimeout(f"unable to lock {name}")
        time.sleep(min(wait, left))
        wait = min(wait * 2, _LONGEST_WAIT)


_HELD: Final = {errno.EACCES, errno.EAGAIN}
