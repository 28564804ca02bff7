"""Create, delete and rename the folders of a user.

FORMATS
    A new folder is an mbox in the mode ``uw``, and a Maildir in the mode ``shared``: there
    folders may have folders in them (RFC 3501 6.3.3), which is more than a file can offer.

WORDS
    A failure is a ``MailboxError`` whose text is the whole complaint, as UW-IMAP says it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from labctl.node.base import clock
from labctl.node.store import uid_validity
from labctl.node.store.listener import MailboxError, NoSuchMailbox
from labctl.node.store.mailbox import Mode, mode_of_node
from labctl.node.store.maildir import directory as maildir
from labctl.node.store.maildir import uid_list
from labctl.node.store.maildir.uid_list import UidList
from labctl.node.store.mbox.layout import Base, pseudo_message
from labctl.node.store.mbx import mailbox as mbx
from labctl.node.store.mh import profile as mh
from labctl.node.store.names import Folders, InvalidName
from labctl.node.store.session_lock import in_use

DRIVER_PREFIX: Final = "#driver."
# c-client's formats of one file; but for mbx, the file is an mbox here.
FILE_DRIVERS: Final = ("unix", "mbx", "mtx", "tenex", "mmdf")
# Its formats of a directory; the directory is a Maildir here.
DIRECTORY_DRIVERS: Final = ("maildir", "mx", "mix")
DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600


def create(folders: Folders, name: str, mode: Mode | None = None) -> None:
    """Make a folder, or a directory if the name ends in a slash."""
    if name.upper() == "INBOX":
        raise MailboxError("Can't create INBOX")
    driver, wanted = _driver_of(name, mode or mode_of_node())
    try:
        path = folders.path(wanted)
    except InvalidName as error:
        raise MailboxError(f"Can't create {name}: invalid name") from error
    if driver in DIRECTORY_DRIVERS and not wanted.endswith("/"):
        _create_maildir(path, folders.indexes)
        return
    _make_directories(path)
    if wanted.startswith(mh.PREFIX):
        os.makedirs(path, DIRECTORY_MODE, exist_ok=True)
    elif not wanted.endswith("/"):
        _create_file(path, folders.host, driver)


def _create_file(path: str, host: str, driver: str) -> None:
    try:
        if driver == "mbx":
            mbx.create(path, FILE_MODE)
        else:
            _create_mbox(path, host)
    except OSError as error:
        raise MailboxError(f"Can't create mailbox node {path}: {error.strerror}") from error


def _create_maildir(path: str, indexes: str) -> None:
    _make_directories(path)
    try:
        maildir.make(path)
        uid_list.write(path, UidList(uid_validity.fresh(indexes)))
    except OSError as error:
        raise MailboxError(f"Can't create mailbox node {path}: {error.strerror}") from error


def _create_mbox(path: str, host: str) -> None:
    now = clock.now()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        os.write(fd, pseudo_message(Base(int(now), 0, ()), host, now, with_id=False))
        os.fsync(fd)
    finally:
        os.close(fd)


def delete(folders: Folders, name: str) -> None:
    """Remove a folder, or an empty directory."""
    if name.upper() == "INBOX":
        raise MailboxError("Can't delete INBOX")
    path = _existing(folders, name, f"Can't delete mailbox {name}: no such mailbox")
    if os.path.isfile(path) and in_use(path):
        raise MailboxError(f"Mailbox {name} is in use by another process")
    remove = next(how for what, how in _REMOVERS if what(path))
    try:
        remove(path)
    except OSError as error:
        raise MailboxError(f"Can't delete mailbox {name}: {error.strerror}") from error


def rename(folders: Folders, old: str, new: str) -> None:
    """Give a folder or directory another name; directories on the way are made."""
    source = (
        folders.inbox
        if old.upper() == "INBOX"
        else _existing(folders, old, f"Can't rename mailbox {old}: no such mailbox")
    )
    try:
        target = folders.path(new)
    except InvalidName as error:
        raise MailboxError(f"Can't rename mailbox {old} to {new}: invalid name") from error
    if os.path.lexists(target):
        raise MailboxError(f"Can't rename {old}: mailbox {new} already exists")
    if os.path.isfile(source) and in_use(source):
        raise MailboxError(f"Mailbox {old} is in use by another process")
    _make_directories(target)
    try:
        os.rename(source, target)
    except OSError as error:
        complaint = f"Can't rename mailbox {old} to {new}: {error.strerror}"
        raise MailboxError(complaint) from error


def _driver_of(name: str, mode: Mode) -> tuple[str, str]:
    """The format that is asked for, and the name without it."""
    if not name.startswith(DRIVER_PREFIX):
        return (DIRECTORY_DRIVERS[0] if mode is Mode.SHARED else FILE_DRIVERS[0]), name
    driver, slash, rest = name[len(DRIVER_PREFIX) :].partition("/")
    if not slash:
        raise MailboxError(f"Can't create mailbox {name}: bad driver syntax")
    if driver not in (*FILE_DRIVERS, *DIRECTORY_DRIVERS):
        raise MailboxError(f"Can't create mailbox {name}: unknown driver")
    return driver, rest


def _existing(folders: Folders, name: str, complaint: str) -> str:
    try:
        path = folders.path(name).rstrip("/")
    except InvalidName as error:
        raise NoSuchMailbox(complaint) from error
    if not os.path.lexists(path):
        raise NoSuchMailbox(complaint)
    return path


def _make_directories(path: str) -> None:
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, DIRECTORY_MODE, exist_ok=not path.endswith("/"))
    except OSError as error:
        raise MailboxError(
            f"Can't create mailbox node {directory}/: {error.strerror}"
        ) from error


# The first that fits.
_REMOVERS: Final[tuple[tuple[Callable[[str], bool], Callable[[str], None]], ...]] = (
    (maildir.is_maildir, maildir.remove),
    (os.path.isdir, os.rmdir),
    (os.path.lexists, os.unlink),
)
