"""Append a message to an mbox file, all of it or nothing.

INPUT AND OUTPUT
    ``append(path, data, options)``: ``data`` is a whole mbox message, from its ``From `` line
    to the empty line behind it (``mbox_message()`` makes that of headers and a body).  Failure
    is a `CannotDeliver` that says at which step, and in the words of the log.

STATES
    locked -> opened or created -> at its old end -> written -> on disk.  From fsync(2) on the
    mailbox is responsible for the message; until then a failure cuts the file back to its
    old length, and a crash leaves at most a torn message behind the last whole one.

NOT HERE
    As whom this runs: the caller acts as the recipient (``base.privileges``).

BUGS
    Two hosts that share the file over NFS must share the dot lock too.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

from labctl.node.base.files import write_all
from labctl.node.store import locking
from labctl.node.store.locking import LockPolicy, MailboxBusy

MODE: Final = 0o600


class CannotDeliver(Exception):
    """Nothing was delivered; ``reason`` ends with what the kernel said, if it was asked."""

    def __init__(self, reason: str, error: OSError | None = None, *, writing: bool = False):
        super().__init__(reason)
        self.reason = reason
        self.errno = (error and error.errno) or 0
        self.writing = writing


class Options(NamedTuple):
    """How to append."""

    lock: LockPolicy = locking.USUAL
    size_limit: int = 0  # of the file; 0 is no limit
    new_owner: tuple[int, int] | None = None  # of a file that we create as somebody else
    must_belong_to: int | None = None  # postconf(5) strict_mailbox_ownership
    # What to say about a dot lock that cannot be made, where that is no reason to fail.
    forgive_dotlock: Callable[[str], None] | None = None
    # "destination %s ..." is how agents differ; only regular files are mailboxes.
    only_regular: bool = True
    refuse_executable: bool = False
    mode: int = MODE  # of a new file
    # A name that the owner wrote may be a link; one that an address made must not.
    trust_name: bool = False


DEFAULTS: Final = Options()


def append(path: str, data: bytes, options: Options = DEFAULTS) -> None:
    """Append one message and put it on the disk.  Raises `CannotDeliver`."""
    with ExitStack() as held:
        if "dotlock" in options.lock.methods and _may_be_mailbox(path):
            _take_dotlock(held, path, options)
        fd = held.enter_context(_opened(path, options))
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            _write_elsewhere(fd, path, data, options)
            return
        _refuse_unsuitable(path, status, options)
        try:
            locking.take_kernel_locks(path, fd, options.lock)
        except OSError as error:
            raise CannotDeliver(
                f"unable to lock for exclusive access: {_text(error)}", error
            ) from error
        _write(fd, data, options.size_limit)


def mbox_message(from_line: bytes, headers: bytes, content: bytes) -> bytes:
    """One mbox message; lines that look like the start of another are quoted.

    ``from_line`` comes without its line end, ``headers`` and ``content`` with theirs.
    """
    body = b"\n" + headers + content
    if b"\nFrom " in body:
        body = body.replace(b"\nFrom ", b"\n>From ")
    end = b"\n" if body.endswith(b"\n") else b"\n\n"
    return b"".join((from_line, body, end))


def _take_dotlock(held: ExitStack, path: str, options: Options) -> None:
    try:
        held.enter_context(locking.dotlock(path, options.lock))
    except OSError as error:
        name = locking.dotlock_name(path)
        reason = f"unable to create lock file {name}: {_text(error)}"
        if options.forgive_dotlock is None or isinstance(error, MailboxBusy):
            raise CannotDeliver(reason, error) from error
        options.forgive_dotlock(reason)


def _may_be_mailbox(path: str) -> bool:
    """A dot lock beside /dev/null would be silly; beside what is not there yet it is not."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True


@contextmanager
def _opened(path: str, options: Options) -> Iterator[int]:
    fd = _open_existing(path, trust_name=options.trust_name)
    if fd is None:
        fd = _create(path, options)
    try:
        yield fd
    finally:
        os.close(fd)


def _open_existing(path: str, *, trust_name: bool) -> int | None:
    """Open what is there, and refuse names that somebody may have planted for us."""
    # O_NONBLOCK: a fifo without a reader must not stop the delivery of mail.
    flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        named = os.lstat(path)
        fd = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotDeliver(f"cannot open file: {_text(error)}", error) from error
    if not trust_name and (complaint := _planted(path, named, os.fstat(fd))):
        os.close(fd)
        raise CannotDeliver(complaint, OSError(errno.EPERM, ""))
    return fd


def _planted(path: str, named: os.stat_result, opened: os.stat_result) -> str:
    """Why the open file is not what the name promised; "" when it is."""
    if stat.S_ISREG(opened.st_mode) and opened.st_nlink != 1:
        return f"file has {opened.st_nlink} hard links"
    if not stat.S_ISLNK(named.st_mode):
        same = (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
        return "" if same else "file has changed unexpectedly"
    # A link made by root, in a directory where only root could have made it, is wanted.
    parent = os.stat(os.path.dirname(path) or ".")
    trusted = named.st_uid == 0 and parent.st_uid == 0 and not parent.st_mode & 0o022
    return "" if trusted else "file is a symbolic link"


def _create(path: str, options: Options) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, options.mode)
    except OSError as error:
        reason = f"cannot create file exclusively: {_text(error)}"
        raise CannotDeliver(reason, error) from error
    if options.mode != MODE:
        os.fchmod(fd, options.mode)  # whatever the umask took away
    if options.new_owner is not None:
        os.fchown(fd, *options.new_owner)
    return fd


def _refuse_unsuitable(path: str, status: os.stat_result, options: Options) -> None:
    owner = options.must_belong_to
    if owner is not None and status.st_uid != owner:
        raise NotOwned(f"destination {path} is not owned by recipient")
    if options.refuse_executable and status.st_mode & 0o111:
        raise Executable("file is executable")


class Executable(CannotDeliver):
    """Appending to a program would let senders write what is run."""


class NotOwned(CannotDeliver):
    """The mailbox belongs to somebody else: an administrator will have to look."""


class NotRegular(CannotDeliver):
    """The destination is a directory, device or fifo."""


def _write_elsewhere(fd: int, path: str, data: bytes, options: Options) -> None:
    """A device or fifo: /dev/null, /dev/console.  Nothing to lock, to cut back or to sync."""
    if options.only_regular:
        raise NotRegular(f"destination {path} is not a regular file")
    try:
        write_all(fd, data)
    except OSError as error:
        raise CannotDeliver(
            f"error writing message: {_text(error)}", error, writing=True
        ) from error


def _write(fd: int, data: bytes, size_limit: int) -> None:
    end = os.lseek(fd, 0, os.SEEK_END)
    try:
        if size_limit and end + len(data) > size_limit:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        write_all(fd, data)
        os.fsync(fd)
    except OSError as error:
        os.ftruncate(fd, end)
        raise CannotDeliver(
            f"error writing message: {_text(error)}", error, writing=True
        ) from error


def _text(error: OSError) -> str:
    return os.strerror(error.errno or 0)
