"""Add messages to a mailbox that is not, or not necessarily, open: APPEND and COPY.

STATES
    The mailbox is opened beside, silently: whoever has it open keeps it.  If we get its
    session lock the messages are given UIDs at once (RFC 4315 wants to hear them); if not,
    the session that has it gives them, and nobody hears.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.store.file_lock import locked
from labctl.node.store.from_line import Moment, ctime, local_zone, zone_seconds
from labctl.node.store.listener import Listener, MailboxError
from labctl.node.store.mailbox import Mode
from labctl.node.store.mbox.layout import external_header, status_lines, with_status
from labctl.node.store.mbox.mailbox import Mbox
from labctl.node.store.mbox.write import append_or_nothing, missing_newlines
from labctl.node.store.message import Message
from labctl.node.store.names import Place
from labctl.node.store.opening import How, open_mailbox

BESIDE: Final = How(silent=True, appending=True)
_FROM: Final = re.compile(rb"^From ", re.MULTILINE)


class NewMail(NamedTuple):
    """A message on its way into a mailbox."""

    content: bytes  # any line endings
    from_line: bytes
    flags: int
    keywords: tuple[str, ...] = ()
    old: bool = False  # a copy of what somebody has seen already


class Appended(NamedTuple):
    """The UIDs that the copies got, for RFC 4315 3."""

    uid_validity: int
    uids: tuple[int, ...]


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
    if isinstance(beside, Mbox) and not beside.readonly:
        return _append_as_owner(beside, mails, listener)
    beside.abandon()
    listener.warn(f"Unable to re-open mailbox for APPENDUID: {place.name}")
    try:
        fd = os.open(place.path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise MailboxError(f"{failure}: {error.strerror}") from error
    try:
        with locked(place.path, fd, listener):
            _write(fd, [_chunk(mail, 0, ()) for mail in mails])
    finally:
        os.close(fd)
    return None


def _append_as_owner(mailbox: Mbox, mails: Sequence[NewMail], listener: Listener) -> Appended:
    for word in (word for mail in mails for word in mail.keywords):
        if not mailbox.keyword_bit(word, create=mailbox.shared):
            listener.warn(f"Unknown flag: {word}")
    try:
        uids = mailbox.append(
            [functools.partial(_chunk, mail, known=mailbox.keywords) for mail in mails]
        )
        mailbox.close()
    except BaseException:
        mailbox.abandon()
        raise
    return Appended(mailbox.uid_validity, tuple(uids))


def _write(fd: int, chunks: list[bytes]) -> None:
    try:
        append_or_nothing(fd, [missing_newlines(fd), *chunks])
    except OSError as error:
        raise MailboxError(f"Message append failed: {error.strerror}") from error


def _chunk(mail: NewMail, uid: int, known: Sequence[str]) -> bytes:
    """The message as it stands in the file."""
    content = mail.content.replace(b"\r", b"")
    head, blank, text = content.partition(b"\n\n")
    if content.startswith(b"\n"):
        head, blank, text = b"", b"\n", content[1:]
    bits = sum(1 << known.index(word) for word in mail.keywords if word in known)
    message = Message(uid=uid, flags=mail.flags, keywords=bits)
    status = status_lines(message, known, old=mail.old)
    if not uid:
        status = status.rpartition(b"X-UID:")[0]
    header = with_status(external_header(head + blank), status)
    text = _FROM.sub(b">From ", text)
    if text and not text.endswith(b"\n"):
        text += b"\n"
    return mail.from_line + header + text + b"\n"


def new_from_line(user: str, host: str, when: Moment | None) -> bytes:
    """The From_ line of a message that a client brings; the zone keeps its INTERNALDATE."""
    now = clock.now()
    moment = when or Moment(int(now), local_zone(now))
    local = moment.epoch + zone_seconds(moment.zone)
    date = ctime(local - zone_seconds(local_zone(local)))
    return f"From {user}@{host} {date} {moment.zone}\n".encode()
