"""What a message is made of, for FETCH and SEARCH: envelope, structure, sections."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from labctl.node.imapd.session import STRUCTURES_KEPT, Session
from labctl.node.store.message import Message
from labctl.node.wire.imap import envelope as imap_envelope
from labctl.node.wire.imap import mime as imap_mime
from labctl.node.wire.imap.envelope import Envelope
from labctl.node.wire.imap.fetch import Section
from labctl.node.wire.imap.mime import Part
from labctl.node.wire.imap.structure import find_part

Kind = TypeVar("Kind")


def envelope_of(session: Session, message: Message) -> Envelope:
    """The envelope; complaints about the header go to the client, once."""
    known = session.envelopes.get(message.uid)
    if known is not None:
        return known
    found = imap_envelope.fields(session.mailbox.header(message))
    return _keep(session.envelopes, message, imap_envelope.envelope(found, session.complain))


def structure_of(session: Session, message: Message) -> Part:
    """The structure; it brings the envelope with it."""
    known = session.structures.get(message.uid)
    if known is not None:
        session.structures.move_to_end(message.uid)
        return known
    found = imap_envelope.fields(session.mailbox.header(message))
    _keep(session.envelopes, message, imap_envelope.envelope(found, session.complain))
    text = session.mailbox.text(message)
    return _keep(session.structures, message, imap_mime.parse(found, text, session.complain))


def _keep(cache: OrderedDict[int, Kind], message: Message, value: Kind) -> Kind:
    cache[message.uid] = value
    while len(cache) > STRUCTURES_KEPT:
        cache.popitem(last=False)
    return value


def section_of(session: Session, message: Message, section: Section) -> bytes | None:
    """The octets that a section names, None when there is no such part."""
    if not section.part:
        return _of_message(session, message, section)
    if section.part == (0,):  # what IMAP2 called the header
        return session.mailbox.header(message)
    part = find_part(structure_of(session, message), section.part)
    return None if part is None else _PART_SECTIONS[section.what](part, section)


def _of_message(session: Session, message: Message, section: Section) -> bytes:
    mailbox = session.mailbox
    if section.what == "TEXT":
        return mailbox.text(message)
    header = mailbox.header(message)
    if section.what == "":
        return header + mailbox.text(message)
    return _chosen_fields(header, section)


def _chosen_fields(header: bytes, section: Section) -> bytes:
    """RFC 3501 6.4.5: HEADER.FIELDS ends with an empty line as well."""
    if section.what == "HEADER":
        return header
    wanted = section.what == "HEADER.FIELDS"
    lines = [
        match[0]
        for match in _FIELD.finditer(header)
        if (match[1].rstrip().upper() in section.fields) is wanted
    ]
    return b"".join(lines) + b"\r\n"


_FIELD = re.compile(rb"^([^\r\n:]+)[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)


def _whole(part: Part, _section: Section) -> bytes:
    return part.text


def _mime(part: Part, _section: Section) -> bytes:
    return part.header


def _text(part: Part, _section: Section) -> bytes | None:
    if part.message is None:
        return None
    return part.text[len(part.message_header) :]


def _header(part: Part, section: Section) -> bytes | None:
    return None if part.message is None else _chosen_fields(part.message_header, section)


_PART_SECTIONS: dict[str, Callable[[Part, Section], bytes | None]] = {
    "": _whole,
    "MIME": _mime,
    "TEXT": _text,
    "HEADER": _header,
    "HEADER.FIELDS": _header,
    "HEADER.FIELDS.NOT": _header,
}
