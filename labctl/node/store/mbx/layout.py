"""The bytes of an mbx file: its header, and the line before each message.

FORMAT
    2048 octets of header: ``*mbx*``, UIDVALIDITY and last UID in hexadecimal, thirty lines for
    keywords, blanks.  Then, for each message, a line and the message with CRLF lines:
     5-Jan-2004 10:01:01 +0000,449;KKKKKKKKFFFF-UUUUUUUU
    Date, octets, keywords (a bit each), flags, UID.  All numbers have a fixed width, so that
    flags are changed in place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from labctl.node.store import flags as flag
from labctl.node.store.from_line import Moment
from labctl.node.store.message import Message
from labctl.node.wire.dates import parse_date_time

HEADER: Final = 2048
MAGIC: Final = b"*mbx*\r\n"
# The end of the line, from the keywords on: this is what changes.
STATE: Final = len("00000000ffff-00000000\r\n")

_LINE: Final = re.compile(
    rb"([ \d]\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}),(\d+);"
    rb"([0-9a-f]{8})([0-9a-f]{4})-([0-9a-f]{8})\r\n",
    re.IGNORECASE,
)
_OLD: Final = 0x10
_DRAFT: Final = 0x20
EXPUNGED: Final = 0x8000
_BITS: Final = (
    (flag.SEEN, 0x1),
    (flag.DELETED, 0x2),
    (flag.FLAGGED, 0x4),
    (flag.ANSWERED, 0x8),
    (flag.DRAFT, _DRAFT),
)


class Header(NamedTuple):
    """What the file says of itself."""

    validity: int
    last_uid: int
    keywords: tuple[str, ...]


@dataclass(slots=True)
class MbxMessage(Message):
    """A message and its place in the file, in octets from the start."""

    line: int = 0
    start: int = 0
    end: int = 0
    date: bytes = b""
    gone: bool = False


def header_bytes(header: Header) -> bytes:
    """The first 2048 octets."""
    lines = [b"%08x%08x" % (header.validity, header.last_uid)]
    lines += [word.encode("utf-8", "surrogateescape") for word in header.keywords]
    lines += [b""] * (flag.KEYWORDS_AT_MOST + 1 - len(lines))
    text = MAGIC + b"".join(line + b"\r\n" for line in lines)
    return text.ljust(HEADER - 2)[: HEADER - 2] + b"\r\n"


def parse_header(data: bytes) -> Header:
    """What ``header_bytes`` wrote; ValueError for anything else."""
    if not data.startswith(MAGIC) or len(data) < HEADER:
        raise ValueError("not in mbx format")
    numbers, *words = data[len(MAGIC) : HEADER].split(b"\r\n")[: flag.KEYWORDS_AT_MOST + 1]
    names = (word.decode("utf-8", "surrogateescape").strip() for word in words)
    return Header(int(numbers[:8], 16), int(numbers[8:16], 16), tuple(filter(None, names)))


def parse_line(data: bytes, at: int) -> MbxMessage | None:
    """The message whose line stands there; None if none does."""
    match = _LINE.match(data, at)
    if match is None:
        return None
    start, bits = match.end(), int(match[4], 16)
    message = MbxMessage(int(match[5], 16), line=at, start=start, end=start + int(match[2]))
    message.date, message.size = match[1], int(match[2])
    message.flags, message.keywords = flags_of(bits), int(match[3], 16)
    message.gone = bool(bits & EXPUNGED)
    return message


def flags_of(bits: int) -> int:
    """System flags of the file as ours; what is not old is recent."""
    flags = sum(ours for ours, theirs in _BITS if bits & theirs)
    return flags if bits & _OLD else flags | flag.RECENT


def state_bytes(message: Message, *, old: bool = True, expunged: bool = False) -> bytes:
    """The end of the line: keywords, flags, UID."""
    bits = sum(theirs for ours, theirs in _BITS if message.flags & ours)
    bits |= (_OLD if old else 0) | (EXPUNGED if expunged else 0)
    return b"%08x%04x-%08x\r\n" % (message.keywords, bits, message.uid)


def new_message(message: Message, moment: Moment, content: bytes, *, old: bool) -> bytes:
    """A line and a message, for the end of the file."""
    date = moment.internal_date().encode()
    return b"%s,%d;%s%s" % (date, len(content), state_bytes(message, old=old), content)


def moment_of(date: bytes) -> Moment | None:
    """The date of a line."""
    parsed = parse_date_time(date)
    return None if parsed is None else Moment(parsed.epoch, date[-5:].decode())
