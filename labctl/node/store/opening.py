"""Open a mailbox by its file, or say in UW's words why it cannot be opened.

WHAT COUNTS AS A MAILBOX
    A file that begins with a From_ line, and a directory with cur/, new/ and tmp/.  An empty
    file is a mailbox without messages, and so is an INBOX that is missing or unreadable:
    mail may still come.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from labctl.node.store.empty import LOOK_EVERY, EmptyMailbox
from labctl.node.store.from_line import FROM_LINE
from labctl.node.store.listener import Listener, MailboxError, NoSuchMailbox, Quiet
from labctl.node.store.mailbox import Mailbox, Mode, mode_of_node
from labctl.node.store.maildir.directory import is_maildir
from labctl.node.store.maildir.mailbox import Maildir
from labctl.node.store.mbox.mailbox import Mbox, Opened
from labctl.node.store.mbox.shared import SharedMbox
from labctl.node.store.mbx import mailbox as mbx
from labctl.node.store.mbx.layout import MAGIC
from labctl.node.store.mbx.mailbox import Mbx
from labctl.node.store.mh.mailbox import Mh
from labctl.node.store.mh.profile import PREFIX
from labctl.node.store.names import Place
from labctl.node.store.session_lock import SessionLock, own

LOCKED_BY_ANOTHER = "Mailbox is open by another process, access is readonly"
NOT_WRITABLE = "Can't get write access to mailbox, access is readonly"


class How(NamedTuple):
    """The ways to open a mailbox."""

    readonly: bool = False
    silent: bool = False  # on the side: no kiss of death, no events
    appending: bool = False
    mode: Mode | None = None  # None: as the node has it


def open_mailbox(
    place: Place, listener: Listener, host: str, how: How | None = None
) -> Mailbox:
    """Open by file; NoSuchMailbox or MailboxError otherwise."""
    wanted = how or How()
    wanted = wanted._replace(mode=wanted.mode or mode_of_node())
    if is_maildir(place.path):
        return _open_maildir(place, listener, wanted)
    if _is_mh(place):
        return Mh(place.path, place.name, _hears(listener, wanted), readonly=wanted.readonly)
    if _is_mbx(place.path):
        return _open_mbx(place, listener, wanted)
    if not is_mailbox(place):
        every = 0.0 if wanted.mode is Mode.SHARED else LOOK_EVERY
        return EmptyMailbox(
            place, listener, lambda: _open_mbox(place, listener, host, wanted), every
        )
    return _open_mbox(place, listener, host, wanted)


def is_mailbox(place: Place) -> bool:
    """True for a mailbox, False for an empty file; an exception for everything else."""
    if is_maildir(place.path) or _is_mh(place):
        return True
    try:
        with open(place.path, "rb") as file:
            start = file.read(8192)
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError) as error:
        if place.is_inbox and not isinstance(error, IsADirectoryError):
            return False
        raise NoSuchMailbox("no such mailbox") from error
    if not start:
        return False
    if start.startswith(MAGIC):
        return True
    if not FROM_LINE.match(start.lstrip(b"\r\n")):
        raise MailboxError(
            f"Can't open {place.name} (file {place.path}): not in valid mailbox format"
        )
    return True


def _open_maildir(place: Place, listener: Listener, how: How) -> Maildir:
    readonly = how.readonly or not os.access(f"{place.path}/cur", os.W_OK)
    heard = _hears(listener, how)
    if readonly and not how.readonly:
        heard.warn(NOT_WRITABLE)
    return Maildir(place.path, place.name, heard, readonly=readonly, appending=how.appending)


def _hears(listener: Listener, how: How) -> Listener:
    return Quiet(listener) if how.silent else listener


def _is_mh(place: Place) -> bool:
    return place.name.startswith(PREFIX) and os.path.isdir(place.path)


def _is_mbx(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _open_mbx(place: Place, listener: Listener, how: How) -> Mbx:
    fd, how, heard = _opened(place, listener, how)
    opened = mbx.Opened(place.path, place.name, fd)
    return Mbx(opened, heard, readonly=how.readonly, appending=how.appending)


def _opened(place: Place, listener: Listener, how: How) -> tuple[int, How, Listener]:
    """The open file, how it could be opened, and who hears of it."""
    heard = _hears(listener, how)
    fd = _descriptor(place.path, writable=not how.readonly)
    if fd < 0:
        heard.warn(NOT_WRITABLE)
        how = how._replace(readonly=True)
        fd = _descriptor(place.path, writable=False)
    return fd, how, heard


def _open_mbox(place: Place, listener: Listener, host: str, how: How) -> Mbox:
    fd, how, heard = _opened(place, listener, how)
    shared = how.mode is Mode.SHARED
    lock = None if how.readonly or shared else _own(fd, heard, how)
    kind = SharedMbox if shared else Mbox
    mailbox = kind(
        Opened(place.path, place.name, fd, lock, place.indexes),
        heard,
        host,
        readonly=how.readonly or (lock is None and not shared),
        appending=how.appending,
    )
    try:
        mailbox.parse()
    except BaseException:
        mailbox.abandon()
        raise
    return mailbox


def _own(fd: int, listener: Listener, how: How) -> SessionLock | None:
    lock = own(os.fstat(fd), listener, kiss=not how.silent)
    if lock is None and not how.silent:
        listener.warn(LOCKED_BY_ANOTHER)
    return lock


def _descriptor(path: str, *, writable: bool) -> int:
    try:
        return os.open(path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)
    except PermissionError as error:
        if writable:
            return -1
        raise NoSuchMailbox("no such mailbox") from error
