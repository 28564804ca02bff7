"""Who may touch a mailbox file now: the dot lock beside it, and the kernel lock on it.

INPUT AND OUTPUT
    ``mailbox_lock(path, fd, policy)`` holds every lock that the policy names, in the order
    in which Postfix and c-client take them: first ``PATH.lock``, then those of the kernel.  A
    reader and a delivery that both follow this order never wait for each other in a circle.

STATES
    A dot lock older than ``stale_seconds`` belongs to a program that died: it is removed.
    What a crash leaves is therefore a mailbox that waits at most that long.

WHY NOT A LINK
    link(2) to a private name is what NFS needs.  Mailboxes here lie on a local disk, where
    O_EXCL is atomic; a program that links (procmail, c-client) is still excluded by us.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

from labctl.node.base import locks


class LockPolicy(NamedTuple):
    """How to lock, and how patiently; the defaults are those of postconf(5) on Debian."""

    methods: tuple[str, ...] = ("fcntl", "dotlock")  # mailbox_delivery_lock
    attempts: int = 20  # deliver_lock_attempts
    delay: float = 1.0  # deliver_lock_delay
    stale_seconds: float = 500.0  # stale_lock_time

    @property
    def patience(self) -> float:
        return self.attempts * self.delay


class MailboxBusy(OSError):
    """Another program held the mailbox for the whole of our patience."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EEXIST, os.strerror(errno.EEXIST), path)


USUAL: Final = LockPolicy()


@contextmanager
def mailbox_lock(path: str, fd: int, policy: LockPolicy = USUAL) -> Iterator[None]:
    """Hold all locks of the policy on a mailbox that is open already."""
    with ExitStack() as held:
        if "dotlock" in policy.methods:
            held.enter_context(dotlock(path, policy))
        take_kernel_locks(path, fd, policy)
        yield


@contextmanager
def dotlock(path: str, policy: LockPolicy = USUAL) -> Iterator[None]:
    """Hold ``path.lock``; an OSError other than `MailboxBusy` says that it cannot be made."""
    with ExitStack() as held:
        lock = locks.dot_lock(path, patience=policy.patience, stale=policy.stale_seconds)
        try:
            held.enter_context(lock)
        except locks.LockTimeout as error:
            raise MailboxBusy(path) from error
        yield


def take_kernel_locks(path: str, fd: int, policy: LockPolicy = USUAL) -> None:
    """Lock the open file; closing it gives the locks back."""
    for name, lock in KERNEL_LOCKS.items():
        if name in policy.methods:
            try:
                lock(fd, patience=policy.patience)
            except locks.LockTimeout as error:
                raise MailboxBusy(path) from error


def try_fcntl(fd: int, *, shared: bool = False) -> bool:
    """Take the kernel's record lock on the whole file, if nobody else holds it."""
    return _try(locks.lock_fcntl, fd, shared)


def try_flock(fd: int, *, shared: bool = False) -> bool:
    """Take the BSD lock on the open file, if nobody else holds it."""
    return _try(locks.lock_flock, fd, shared)


def unlock_fcntl(fd: int) -> None:
    """Give the record lock back; closing *any* descriptor of the file does that too."""
    fcntl.lockf(fd, fcntl.LOCK_UN)


def _try(lock: Callable[..., None], fd: int, shared: bool) -> bool:
    try:
        lock(fd, exclusive=not shared)
    except locks.LockTimeout:
        return False
    return True


def dotlock_name(path: str) -> str:
    """The name that every mail program agrees on."""
    return f"{path}.lock"


# The names of `postconf -l`.
KERNEL_LOCKS: Final[Mapping[str, Callable[..., None]]] = {
    "flock": locks.lock_flock,
    "fcntl": locks.lock_fcntl,
}
