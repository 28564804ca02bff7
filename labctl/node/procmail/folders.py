"""Where a message is stored: mbox files, Maildirs, MH folders, directories, /dev/null.

THE KIND OF A FOLDER, procmailrc(5) "Recipe action line"
    name/    Maildir        name/.   MH folder, numbered files
    name     a directory that is there: files msg.XXXX; else an mbox file
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.base.files import write_all
from labctl.node.procmail import message
from labctl.node.store.locking import LockPolicy
from labctl.node.store.mbox import delivery as mbox_delivery
from labctl.node.store.mbox.delivery import CannotDeliver, Options


class Stored(NamedTuple):
    """Where it is now, as the log shows it, and how many bytes it took."""

    folder: str
    size: int


class How(NamedTuple):
    """What a recipe and the variables say about storing."""

    prefix: str = "msg."  # MSGPREFIX
    raw: bool = False  # flag r: the message as it is
    is_spool: bool = False  # the system mailbox, which belongs to a group too
    patience: float = 120.0  # LOCKSLEEP, LOCKTIMEOUT


def store(folder: str, text: bytes, how: How) -> Stored:
    """Store a message; CannotDeliver when that is not possible."""
    try:
        if folder == os.devnull:
            return Stored(folder, len(text))
        if folder.endswith("/."):
            return _number(folder[:-2], text if how.raw else message.for_pipe(text))
        if folder.endswith("/"):
            return _maildir(folder, text)
        if os.path.isdir(folder):
            return _file(folder, text if how.raw else message.for_pipe(text), how.prefix)
        return _append(folder, text if how.raw else message.for_mbox(text), how)
    except OSError as error:
        raise CannotDeliver(f'Error while writing to "{folder}"', error) from error


def _append(path: str, data: bytes, how: How) -> Stored:
    lock = LockPolicy(("fcntl",), attempts=1, delay=how.patience)
    mode = SPOOL_MODE if how.is_spool else FILE_MODE & ~_umask()
    options = Options(lock=lock, mode=mode, only_regular=False, trust_name=True)
    try:
        mbox_delivery.append(path, data, options)
    except CannotDeliver as failure:
        raise CannotDeliver(f'Error while writing to "{path}"') from failure
    return Stored(path, len(data))


def _maildir(folder: str, text: bytes) -> Stored:
    """maildir(5): tmp/ first, then new/, under a name that nobody else has."""
    data = message.for_maildir(text)
    try:
        for part in ("tmp", "new", "cur"):
            os.makedirs(f"{folder}{part}", exist_ok=True)
    except OSError as error:
        raise CannotDeliver(f'Unable to treat as directory "{folder}"', error) from error
    for name in _unique_names():
        if _write_new(f"{folder}tmp/{name}", data):
            os.rename(f"{folder}tmp/{name}", f"{folder}new/{name}")
            return Stored(f"{folder}new/{name}", len(data))
    raise AssertionError  # names do not end


def link(path: str, folder: str) -> str:
    """Another name for what has been stored, in another directory; its path."""
    try:
        return _link(path, folder)
    except OSError as error:
        raise CannotDeliver(f'Error while writing to "{folder}"', error) from error


def _link(path: str, folder: str) -> str:
    if folder.endswith("/."):
        os.makedirs(folder[:-2], exist_ok=True)
        for number in itertools.count(_highest(folder[:-2]) + 1):
            with contextlib.suppress(FileExistsError):
                os.link(path, f"{folder[:-2]}/{number}")
                return f"{folder[:-2]}/{number}"
    for part in ("tmp", "new", "cur"):
        os.makedirs(f"{folder}{part}", exist_ok=True)
    for name in _unique_names():
        with contextlib.suppress(FileExistsError):
            os.link(path, f"{folder}new/{name}")
            break
    return f"{folder}new/{name}"


def _unique_names() -> Iterator[str]:
    """Seconds, process and number, host: maildir(5)."""
    host = os.uname().nodename
    while True:
        yield f"{int(clock.now())}.{os.getpid()}_{next(SERIAL)}.{host}"


def is_directory(folder: str) -> bool:
    """Whether a message becomes a file of its own there."""
    return folder.endswith(("/", "/.")) or os.path.isdir(folder)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def _number(folder: str, data: bytes) -> Stored:
    """MH: the next number after the highest."""
    os.makedirs(folder, exist_ok=True)
    number = _highest(folder)
    while True:
        number += 1
        path = f"{folder}/{number}"
        if _write_new(path, data):
            return Stored(path, len(data))


def _highest(folder: str) -> int:
    return max((int(name) for name in os.listdir(folder) if name.isdecimal()), default=0)


def _file(folder: str, data: bytes, prefix: str) -> Stored:
    """A file named after its inode, which nobody else has."""
    temporary = f"{folder}/_{os.getpid()}{clock.now():.6f}"
    _write_new(temporary, data)
    path = f"{folder}/{prefix}{_letters(os.stat(temporary).st_ino)}"
    os.rename(temporary, path)
    return Stored(path, len(data))


def _write_new(path: str, data: bytes) -> bool:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    except FileExistsError:
        return False
    try:
        write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    return True


def _letters(number: int) -> str:
    """A short name in letters and digits, the last digit first."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = ""
    while number:
        text += alphabet[number & 63]
        number >>= 6
    return text


SERIAL: Final = itertools.count()
# /var/mail/USER belongs to the user and the group mail.
SPOOL_MODE: Final = 0o660
# The umask decides; the bit for others says to shells that something is new.
FILE_MODE: Final = 0o667
