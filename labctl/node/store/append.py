"""Add messages to a mailbox that is not, or not necessarily, open: APPEND and COPY.

STATES
    The mailbox is opened beside, silently: whoever has it open keeps it.  If we get its
    session lock the messages are given UIDs at once (RFC 4315 wants to hear them); if not,
    the session that has it gives them, and nobody hears.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.store.empty import EmptyMailbox
from labctl.node.store.file_lock import locked
from labctl.node.store.listener import Listener, MailboxError
from labctl.node.store.mailbox import Mailbox, Mode
from labctl.node.store.mbox.stored import as_stored
from labctl.node.store.mbox.write import append_or_nothing, missing_newlines
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail
from labctl.node.store.opening import How, open_mailbox

BESIDE: Final = How(silent=True, appending=True)


class Appended(NamedTuple):
    """The UIDs that the copies got, for RFC 4315 3."""

    uid_validity: int
    uids: tuple[int, ...]
    format: str


def append(
    place: Place,
    mails: Sequence[NewMail],
    listener: Listener,
    host: str,
    failure: str,
    mode: Mode | None = None,
) -> Appended | None:
    """Add all messages or none; None when their UIDs are not known yet."""
    beside = open_mailbox(place, listener, host, BESIDE._replace(mode=mode))
    if not beside.readonly and (not _is_empty(beside) or takes_more(beside, place)):
        return _append_and_close(beside, mails, listener)
    beside.abandon()
    listener.warn(f"Unable to re-open mailbox for APPENDUID: {place.name}")
    try:
        fd = os.open(place.path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise MailboxError(f"{failure}: {error.strerror}") from error
    try:
        with locked(place.path, fd, listener):
            _write(fd, [as_stored(mail, 0, ()) for mail in mails])
    finally:
        os.close(fd)
    return None


def append_here(mailbox: Mailbox, mails: Sequence[NewMail], listener: Listener) -> Appended:
    """Add all messages or none to a mailbox that is open already."""
    for word in (word for mail in mails for word in mail.keywords):
        if not mailbox.keyword_bit(word, create=mailbox.shared):
            listener.warn(f"Unknown flag: {word}")
    uids = mailbox.add(mails)
    return Appended(mailbox.uid_validity, tuple(uids), mailbox.format)


def takes_more(mailbox: Mailbox, place: Place) -> bool:
    """Whether the session with this mailbox need not open it once more to add to it.

    It need not read a large file from its beginning for each message then.  In mode ``uw``
    it cannot: UW-IMAP finds the mailbox locked, by the session itself.
    """
    ours = mailbox.shared and mailbox.path == place.path and not mailbox.readonly
    return ours and mailbox.format == "unix" and os.access(place.path, os.W_OK)


def _is_empty(mailbox: Mailbox) -> bool:
    return isinstance(mailbox, EmptyMailbox)


def _append_and_close(
    mailbox: Mailbox, mails: Sequence[NewMail], listener: Listener
) -> Appended:
    try:
        appended = append_here(mailbox, mails, listener)
        mailbox.close()
    except BaseException:
        mailbox.abandon()
        raise
    return appended


def _write(fd: int, chunks: list[bytes]) -> None:
    try:
        append_or_nothing(fd, [missing_newlines(fd), *chunks])
    except OSError as error:
        raise MailboxError(f"Message append failed: {error.strerror}") from error
