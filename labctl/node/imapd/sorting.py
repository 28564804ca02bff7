"""SORT keys, and what THREAD needs to know of a message (RFC 5256)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from labctl.node.imapd.content import envelope_of
from labctl.node.imapd.searching import sent_epoch
from labctl.node.imapd.session import Session
from labctl.node.store.message import Message
from labctl.node.wire.charsets import canonical
from labctl.node.wire.imap.address import Address
from labctl.node.wire.imap.envelope import fields
from labctl.node.wire.imap.subject import base_subject
from labctl.node.wire.imap.thread import Mail, message_ids


class SortKey(NamedTuple):
    """One key of RFC 5256 3, and whether it is reversed."""

    name: str
    reverse: bool = False


def parse_keys(text: bytes) -> list[SortKey] | None:
    """ "REVERSE DATE SUBJECT" as keys, None if one of them is none."""
    keys: list[SortKey] = []
    reverse = False
    for word in text.decode("latin-1").upper().split(" "):
        if word == "REVERSE" and not reverse:
            reverse = True
            continue
        if word not in KEYS:
            return None
        keys.append(SortKey(word, reverse))
        reverse = False
    return keys if keys and not reverse else None


def sort(session: Session, numbers: Sequence[int], keys: Sequence[SortKey]) -> list[int]:
    """The numbers in order; where all keys are equal the mailbox decides."""
    ordered = list(numbers)
    messages = session.mailbox.messages
    # Sorting is stable, so the least significant key goes first.
    for key in reversed(keys):
        value = KEYS[key.name]
        values = {number: value(session, messages[number - 1]) for number in ordered}
        # RFC 5256 3: with REVERSE, too, equal messages keep the order of the mailbox.
        ordered.sort(key=values.__getitem__, reverse=key.reverse)
    return ordered


def mail_of(session: Session, number: int, message: Message, shown: int) -> Mail:
    """A message as the threading algorithms see it."""
    envelope = envelope_of(session, message)
    subject = base_subject(envelope.subject or b"")
    found = fields(session.mailbox.header(message))
    references = message_ids(b" ".join(found.get(b"REFERENCES", [])))
    # RFC 5256 3: In-Reply-To counts where there are no references, and only its first.
    if not references:
        references = message_ids(envelope.in_reply_to or b"")[:1]
    own = message_ids(envelope.message_id or b"")
    return Mail(
        shown,
        sent_epoch(session, message),
        canonical(subject.base),
        subject.is_reply,
        own[0] if own else b"",
        references,
    )


def _arrival(session: Session, message: Message) -> int:
    return session.mailbox.date(message).epoch


def _subject(session: Session, message: Message) -> str:
    return canonical(base_subject(envelope_of(session, message).subject or b"").base)


def _size(session: Session, message: Message) -> int:
    return session.mailbox.size(message)


def _first(addresses: Sequence[Address]) -> str:
    """RFC 5256 3: the mailbox name of the first address."""
    name = addresses[0].mailbox if addresses else None
    return canonical((name or b"").decode("latin-1"))


def _from(session: Session, message: Message) -> str:
    return _first(envelope_of(session, message).from_)


def _to(session: Session, message: Message) -> str:
    return _first(envelope_of(session, message).to)


def _cc(session: Session, message: Message) -> str:
    return _first(envelope_of(session, message).cc)


KEYS: Final[Mapping[str, Callable[[Session, Message], Any]]] = {
    "ARRIVAL": _arrival,
    "CC": _cc,
    "DATE": sent_epoch,
    "FROM": _from,
    "SIZE": _size,
    "SUBJECT": _subject,
    "TO": _to,
}
