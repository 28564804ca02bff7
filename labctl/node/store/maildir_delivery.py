"""Write a message into a Maildir: in tmp/ first, in new/ when it is whole.

INPUT AND OUTPUT
    ``deliver(directory, data, when)`` returns the path of the new message.  Directories that
    are missing are made.  Failure is a `CannotDeliver`, in the words of the log.

STATES
    tmp/ (readers do not look there) --fsync, rename--> new/.  A crash leaves at most a file
    in tmp/, which readers remove after 36 hours.

WHY THE INODE IN THE NAME
    No two files of one disk have the same at the same time, so that the name in new/ is
    free without a look: https://cr.yp.to/proto/maildir.html.
"""

from __future__ import annotations

import os
from typing import Final

from labctl.node.base.files import write_all
from labctl.node.store.maildir.new_file import host_name
from labctl.node.store.mbox.delivery import CannotDeliver

DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600


def deliver(directory: str, data: bytes, when: float) -> str:
    """Deliver into ``directory`` (with or without a last slash); returns the path in new/."""
    root = directory.rstrip("/")
    host = host_name()
    temporary = f"{root}/tmp/{int(when)}.P{os.getpid()}.{host}"
    try:
        return _deliver(root, temporary, data, when, host)
    except OSError as error:
        path = error.filename2 or error.filename
        text = os.strerror(error.errno or 0)
        verb = "create maildir file" if path else "error writing message"
        where = f" {path}" if path else ""
        raise CannotDeliver(f"{verb}{where}: {text}", error, writing=not path) from error


def _deliver(root: str, temporary: str, data: bytes, when: float, host: str) -> str:
    fd = _create(root, temporary)
    try:
        status = os.fstat(fd)
        write_all(fd, data)
        os.fsync(fd)
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(fd)
    unique = f"V{status.st_dev:x}I{status.st_ino:x}M{int(when % 1 * 1_000_000)}"
    final = f"{root}/new/{int(when)}.{unique}.{host}"
    _move(root, temporary, final)
    return final


def _create(root: str, temporary: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(temporary, flags, FILE_MODE)
    except FileNotFoundError as error:
        _make(f"{root}/tmp", error)
    return os.open(temporary, flags, FILE_MODE)


def _move(root: str, temporary: str, final: str) -> None:
    try:
        try:
            os.rename(temporary, final)
        except FileNotFoundError as error:
            _make(f"{root}/cur", error)
            _make(f"{root}/new", error)
            os.rename(temporary, final)
    except OSError:
        os.unlink(temporary)
        raise


def _make(directory: str, cause: OSError) -> None:
    """Make a directory and what is missing above it; what fails is told of the file."""
    try:
        # Not os.makedirs: it gives the directories above the one that is asked for the default
        # mode, and a mail directory above is as private as this one.
        parent = os.path.dirname(directory)
        if parent and not os.path.isdir(parent):
            _make(parent, cause)
        os.mkdir(directory, DIRECTORY_MODE)
    except FileExistsError:
        return
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), cause.filename) from error
