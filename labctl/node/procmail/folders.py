"""Where a message is stored: mbox files, Maildirs, MH folders, directories, /dev/null.

THE KIND OF A FOLDER, procmailrc(5) "Recipe action line"
    name/    Maildir        name/.   MH folder, numbered files
    name     a directory that is there: files msg.XXXX; else an mbox file
"""

from __future__ import annotations

import os
from typing import NamedTuple

from labctl.node.base import clock
from labctl.node.base.files import write_all
from labctl.node.procmail import message
from labctl.node.store import maildir_delivery
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
    mode: int = 0o600
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
    options = Options(lock=lock, mode=how.mode, only_regular=False, trust_name=True)
    try:
        mbox_delivery.append(path, data, options)
    except CannotDeliver as failure:
        raise CannotDeliver(f'Error while writing to "{path}"') from failure
    return Stored(path, len(data))


def _maildir(folder: str, text: bytes) -> Stored:
    data = message.for_maildir(text)
    try:
        path = maildir_delivery.deliver(folder, data, clock.now())
    except CannotDeliver as failure:
        raise CannotDeliver(f'Unable to treat as directory "{folder}"') from failure
    return Stored(path, len(data))


def _number(folder: str, data: bytes) -> Stored:
    """MH: the next number after the highest."""
    os.makedirs(folder, 0o700, exist_ok=True)
    number = max((int(name) for name in os.listdir(folder) if name.isdigit()), default=0)
    while True:
        number += 1
        path = f"{folder}/{number}"
        if _write_new(path, data):
            return Stored(path, len(data))


def _file(folder: str, data: bytes, prefix: str) -> Stored:
    """A file named after its inode, which nobody else has."""
    temporary = f"{folder}/_{os.getpid()}{clock.now():.6f}"
    _write_new(temporary, data)
    path = f"{folder}/{prefix}{_letters(os.stat(temporary).st_ino)}"
    os.rename(temporary, path)
    return Stored(path, len(data))


def _write_new(path: str, data: bytes) -> bool:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
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
