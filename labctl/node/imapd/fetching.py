"""The answers of FETCH, one function for each item (RFC 3501 7.4.2, RFC 3516)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.imapd.answers import No
from labctl.node.imapd.content import envelope_of, section_of, structure_of
from labctl.node.imapd.session import Session
from labctl.node.store import flags as flag
from labctl.node.store.message import Message
from labctl.node.wire.charsets import decoded
from labctl.node.wire.imap.envelope import format_envelope
from labctl.node.wire.imap.fetch import Item
from labctl.node.wire.imap.mime import ENCODINGS
from labctl.node.wire.imap.strings import literal, literal8, nstring
from labctl.node.wire.imap.structure import find_part, format_structure

Fetch = Callable[[Session, Message, Item], bytes]
# RFC 2180 4.1.3 and RFC 5530 3: what another session has removed cannot be told any more.
GONE: Final = No("Message was expunged by another session", "[EXPUNGEISSUED]")
CONTENT: Final = frozenset({"BODY", "BINARY", "RFC822", "RFC822.HEADER", "RFC822.TEXT"})
INVALID_PART: Final = No("Invalid body part", "[UNKNOWN-CTE]")


def fetch_item(session: Session, message: Message, item: Item) -> bytes:
    """One item of one message, with its name."""
    answer = ITEMS[item.name](session, message, item)
    if item.name in CONTENT and session.mailbox.gone(message):
        raise GONE
    return answer


def needs_structure(item: Item) -> bool:
    """Whether an item asks for the parts of a message."""
    return item.name in ("STRUCTURE", "BODYSTRUCTURE", "BINARY", "BINARY.SIZE") or bool(
        item.section.part
    )


def _flags(session: Session, message: Message, _item: Item) -> bytes:
    session.changed.discard(message.uid)
    return session.flags_of(message).encode("latin-1")


def _internal_date(session: Session, message: Message, _item: Item) -> bytes:
    return b'INTERNALDATE "%s"' % session.mailbox.date(message).internal_date().encode()


def _uid(_session: Session, message: Message, _item: Item) -> bytes:
    return b"UID %d" % message.uid


def _size(session: Session, message: Message, _item: Item) -> bytes:
    return b"RFC822.SIZE %d" % session.mailbox.size(message)


def _envelope(session: Session, message: Message, _item: Item) -> bytes:
    return b"ENVELOPE " + format_envelope(envelope_of(session, message))


def _structure(session: Session, message: Message, _item: Item) -> bytes:
    return b"BODY " + format_structure(structure_of(session, message), extended=False)


def _body_structure(session: Session, message: Message, _item: Item) -> bytes:
    return b"BODYSTRUCTURE " + format_structure(structure_of(session, message), extended=True)


def _rfc822(session: Session, message: Message, item: Item) -> bytes:
    mailbox = session.mailbox
    content = b"RFC822 " + literal(mailbox.header(message) + mailbox.text(message))
    if item.peek or not _see(session, message):
        return content
    # Here, unlike with BODY[], the flags come at once.
    return content + b" " + _flags(session, message, item)


def _rfc822_header(session: Session, message: Message, _item: Item) -> bytes:
    return b"RFC822.HEADER " + literal(session.mailbox.header(message))


def _rfc822_text(session: Session, message: Message, item: Item) -> bytes:
    if not item.peek:
        _see(session, message)
    return b"RFC822.TEXT " + literal(session.mailbox.text(message))


def _body(session: Session, message: Message, item: Item) -> bytes:
    content = section_of(session, message, item.section)
    if content is None:
        return item.label + b' ""'
    if not item.peek and (content or not item.section.part):
        _see(session, message)
    # UW-IMAP streams text, and so cannot know whether it could be quoted.
    write = literal if item.section.what == "TEXT" else nstring
    return item.label + b" " + write(_partial(content, item))


def _binary(session: Session, message: Message, item: Item) -> bytes:
    content = _partial(_decoded_part(session, message, item), item)
    # RFC 3516 4.3: NUL needs a literal8.
    tilde = b"~" if b"\0" in content else b""
    return item.label + b" " + tilde + literal8(content)


def _binary_size(session: Session, message: Message, item: Item) -> bytes:
    return b"%s %d" % (item.label, len(_decoded_part(session, message, item)))


def _decoded_part(session: Session, message: Message, item: Item) -> bytes:
    if item.section.what or not item.section.part:
        return _undecoded(session, message, item)
    part = find_part(structure_of(session, message), item.section.part)
    if part is None:
        raise INVALID_PART
    if part.encoding not in ENCODINGS:
        raise No("Unknown content transfer encoding", "[UNKNOWN-CTE]")
    if not item.peek:
        _see(session, message)
    return decoded(part.text, part.encoding)


def _undecoded(session: Session, message: Message, item: Item) -> bytes:
    """Headers, and the whole message, have no transfer encoding to take away."""
    content = section_of(session, message, item.section)
    if content is None:
        raise INVALID_PART
    if not item.peek:
        _see(session, message)
    return content


def _see(session: Session, message: Message) -> bool:
    """RFC 3501 6.4.5: what was fetched is \\Seen; whether that is news."""
    if message.flags & flag.SEEN:
        return False
    session.mailbox.set_flags(message, message.flags | flag.SEEN, message.keywords)
    session.changed.add(message.uid)
    return True


def _partial(content: bytes, item: Item) -> bytes:
    if item.octets is None:
        return content
    return content[item.start : item.start + item.octets]


# In the order of RFC 3501 6.4.5; BINARY is RFC 3516.
ITEMS: Final[Mapping[str, Fetch]] = {
    "BODY": _body,
    "STRUCTURE": _structure,
    "BODYSTRUCTURE": _body_structure,
    "ENVELOPE": _envelope,
    "FLAGS": _flags,
    "INTERNALDATE": _internal_date,
    "RFC822": _rfc822,
    "RFC822.HEADER": _rfc822_header,
    "RFC822.SIZE": _size,
    "RFC822.TEXT": _rfc822_text,
    "UID": _uid,
    "BINARY": _binary,
    "BINARY.SIZE": _binary_size,
}
