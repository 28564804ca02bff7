"""ENVELOPE: the parsed header of a message (RFC 3501 7.4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.wire.imap.address import Address, Complain, parse_list
from labctl.node.wire.imap.strings import nstring

_FIELD: Final = re.compile(
    rb"^([^\x00-\x20:]+)[ \t]*:[ \t]*((?:[^\n]*)(?:\n[ \t][^\n]*)*)", re.M
)
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")


class Envelope(NamedTuple):
    """RFC 3501 7.4.2."""

    date: bytes | None
    subject: bytes | None
    from_: Sequence[Address]
    sender: Sequence[Address]
    reply_to: Sequence[Address]
    to: Sequence[Address]
    cc: Sequence[Address]
    bcc: Sequence[Address]
    in_reply_to: bytes | None
    message_id: bytes | None


Fields = dict[bytes, list[bytes]]


def fields(header: bytes) -> Fields:
    """Unfolded values by name in upper case, in their order."""
    found: Fields = {}
    for match in _FIELD.finditer(header):
        value = _FOLD.sub(b" ", match[2]).strip()
        found.setdefault(match[1].upper(), []).append(value)
    return found


def envelope(found: Fields, complain: Complain) -> Envelope:
    """The envelope of a message with these fields."""

    def text(name: bytes) -> bytes | None:
        values = found.get(name)
        return values[0].rstrip() if values else None

    def addresses(name: bytes) -> list[Address]:
        parsed: list[Address] = []
        for value in found.get(name, ()):
            parsed += parse_list(value, complain)
        return parsed

    from_ = addresses(b"FROM")
    return Envelope(
        text(b"DATE"),
        text(b"SUBJECT"),
        from_,
        # RFC 3501: what is missing is filled in by the server.
        addresses(b"SENDER") or from_,
        addresses(b"REPLY-TO") or from_,
        addresses(b"TO"),
        addresses(b"CC"),
        addresses(b"BCC"),
        text(b"IN-REPLY-TO"),
        text(b"MESSAGE-ID"),
    )


def format_envelope(envelope: Envelope) -> bytes:
    """As FETCH writes it."""
    words = [nstring(envelope.date), nstring(envelope.subject)]
    words += [format_addresses(addresses) for addresses in envelope[2:8]]
    words += [nstring(envelope.in_reply_to), nstring(envelope.message_id)]
    return b"(%s)" % b" ".join(words)


def format_addresses(addresses: Sequence[Address]) -> bytes:
    """A list of addresses, or NIL."""
    if not addresses:
        return b"NIL"
    return b"(%s)" % b"".join(
        b"(%s)" % b" ".join(nstring(field) for field in address) for address in addresses
    )
