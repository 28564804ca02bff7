"""Header lines: what is one, what its name is, which of the known ones it is.

INPUT AND OUTPUT
    A header is bytes, "Name: value", continuation lines joined with LF and no LF at the end.
    ``name_length()`` says whether a line begins one.  ``KNOWN`` says what the mail system does
    with the headers that it knows; all others pass as they are.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final


class Kind(enum.Flag):
    """What a known header holds."""

    NONE = 0
    SENDER = enum.auto()  # addresses of whoever sends: canonical header_sender
    RECIPIENT = enum.auto()  # addresses of recipients: canonical header_recipient
    EXTRACT = enum.auto()  # `sendmail -t` takes recipients from it
    RESENT = enum.auto()  # RFC 5322 3.6.6: the message has been sent again
    MIME = enum.auto()  # RFC 2045: mime_header_checks see it


def name_length(line: bytes) -> int:
    """The length of the header name that the line begins with; 0 if it is no header."""
    match = HEADER.match(line)
    return match.end(1) if match else 0


def name(header: bytes) -> bytes:
    """The name in lower case, as ``KNOWN`` has it."""
    return header[: name_length(header)].lower()


def value(header: bytes) -> bytes:
    """What follows the colon, without the white space around it."""
    return header.partition(b":")[2].strip()


def without_space_before_colon(line: bytes) -> bytes:
    """``Name : value`` as ``Name: value``; RFC 5322 4.5 calls the former obsolete."""
    end = name_length(line)
    return line if line[end : end + 1] == b":" else line[:end] + line[end:].lstrip(b" \t")


def is_continuation(line: bytes) -> bool:
    """RFC 5322 2.2.3: white space at the begin continues the header before."""
    return line[:1] in (b" ", b"\t")


def encode(name: str, value: str) -> bytes:
    """A header of ours."""
    return f"{name}: {value}".encode("utf-8", "surrogateescape")


# RFC 5322 2.2: printable US-ASCII except colon; the space before the colon is obsolete syntax.
HEADER: Final = re.compile(rb"([!-9;-~]+)[ \t]*:")

_SENDER_RR: Final = Kind.SENDER | Kind.RESENT
_RECIPIENT: Final = Kind.RECIPIENT | Kind.EXTRACT
_RECIPIENT_RR: Final = _RECIPIENT | Kind.RESENT

KNOWN: Final[Mapping[bytes, Kind]] = {
    b"apparently-to": Kind.RECIPIENT,
    b"bcc": _RECIPIENT,
    b"cc": _RECIPIENT,
    b"content-description": Kind.MIME,
    b"content-disposition": Kind.MIME,
    b"content-id": Kind.MIME,
    b"content-length": Kind.NONE,
    b"content-transfer-encoding": Kind.MIME,
    b"content-type": Kind.MIME,
    b"date": Kind.NONE,
    b"delivered-to": Kind.NONE,
    b"disposition-notification-to": Kind.SENDER,
    b"errors-to": Kind.SENDER,
    b"from": Kind.SENDER,
    b"mail-followup-to": Kind.SENDER,
    b"message-id": Kind.NONE,
    b"mime-version": Kind.MIME,
    b"received": Kind.NONE,
    b"reply-to": Kind.SENDER,
    b"resent-bcc": _RECIPIENT_RR,
    b"resent-cc": _RECIPIENT_RR,
    b"resent-date": Kind.RESENT,
    b"resent-from": _SENDER_RR,
    b"resent-message-id": Kind.RESENT,
    b"resent-reply-to": _SENDER_RR,
    b"resent-sender": _SENDER_RR,
    b"resent-to": _RECIPIENT_RR,
    b"return-path": Kind.SENDER,
    b"return-receipt-to": Kind.SENDER,
    b"sender": Kind.SENDER,
    b"to": _RECIPIENT,
}
