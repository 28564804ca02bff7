"""The records of a queue file, and of the wire to cleanup(8): a type, a length, the data.

INPUT AND OUTPUT
    A type byte, a length of seven bits a byte with the low bits first, and the data.
    ``encode()`` and ``decode()`` know that and nothing else; what the records mean together
    is said in ``queue_file``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

SIZE: Final = ord("C")
TIME: Final = ord("T")
CREATE_TIME: Final = ord("c")
FULL_NAME: Final = ord("F")
INSPECT: Final = ord("I")
FILTER: Final = ord("L")  # in the envelope
LONG: Final = ord("L")  # in the content: a line that goes on in the next record
FROM: Final = ord("S")
DONE: Final = ord("D")
RECIPIENT: Final = ord("R")
ORIGINAL_RECIPIENT: Final = ord("O")
CANCELLED: Final = ord("/")
WARN_TIME: Final = ord("W")
ATTRIBUTE: Final = ord("A")
KILLED: Final = ord("K")
REDIRECT: Final = ord(">")
FLAGS: Final = ord("f")
DELAY: Final = ord("d")
CONTENT: Final = ord("M")
NORMAL: Final = ord("N")
PADDING: Final = ord("w")
EXTRACTED: Final = ord("X")
VERP: Final = ord("V")
DSN_RET: Final = ord("<")
DSN_ENVELOPE_ID: Final = ord("i")
DSN_ORIGINAL_RECIPIENT: Final = ord("o")
DSN_NOTIFY: Final = ord("n")
END: Final = ord("E")


class CorruptQueueFile(Exception):
    """The bytes are not those of a complete queue file."""


class Record(NamedTuple):
    """One record, with the offset in the file where its type byte stands."""

    kind: int
    data: bytes
    offset: int


def encode(kind: int, data: bytes = b"") -> bytes:
    """One record as it stands in the file and on the wire to cleanup."""
    length = len(data)
    if length < 128:
        return b"%c%c%b" % (kind, length, data)
    return b"%c%b%b" % (kind, _length_bytes(length), data)


def encode_attribute(name: str, value: str) -> bytes:
    """A ``name=value`` record."""
    return encode(ATTRIBUTE, f"{name}={value}".encode("utf-8", "surrogateescape"))


def encode_lines(text: bytes, limit: int = 2048) -> bytes:
    """Content with LF line ends as records; longer lines become several records."""
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return b"".join(
        [
            b"N%c%b" % (len(line), line) if len(line) < 128 else encode_line(line, limit)
            for line in lines
        ]
    )


def encode_line(line: bytes, limit: int = 2048) -> bytes:
    """One line as N, or as L records that N ends when it is longer than the limit."""
    if len(line) <= limit:
        return encode(NORMAL, line)
    pieces = [line[start : start + limit] for start in range(0, len(line), limit)]
    return b"".join([encode(LONG, piece) for piece in pieces[:-1]]) + encode(NORMAL, pieces[-1])


def decode(data: bytes | memoryview, offset: int = 0, base: int = 0) -> Iterator[Record]:
    """The records from ``offset`` to the end; ``base`` is added to their offsets."""
    end = len(data)
    while offset < end:
        start = offset
        kind = data[start]
        length, offset = _read_length(data, start, end)
        if offset + length > end:
            text = f"unexpected EOF in data, record type {kind} length {length}"
            raise CorruptQueueFile(text)
        yield Record(kind, bytes(data[offset : offset + length]), base + start)
        offset += length


def decode_content(data: bytes) -> bytes:
    """N and L records joined to text with LF line ends."""
    parts: list[bytes] = []
    position, end = 0, len(data)
    while position + 1 < end:
        kind, length = data[position], data[position + 1]
        position += 2
        if length > 127:
            length, position = _read_length(data, position - 2, end)
        parts.append(data[position : position + length])
        if kind == NORMAL:
            parts.append(b"\n")
        elif kind != LONG:
            parts.pop()
        position += length
    if position != end:
        raise CorruptQueueFile("content cut short")
    return b"".join(parts)


def _length_bytes(length: int) -> bytes:
    out = bytearray()
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    out.append(length)
    return bytes(out)


def _read_length(data: bytes | memoryview, start: int, end: int) -> tuple[int, int]:
    """The length of the record whose type stands at ``start``, and where its data begin."""
    length = shift = 0
    offset = start + 1
    while True:
        if offset >= end:
            raise CorruptQueueFile(f"unexpected EOF in length, record type {data[start]}")
        if shift > 35:
            raise CorruptQueueFile(f"too many length bits, record type {data[start]}")
        byte = data[offset]
        offset += 1
        length |= (byte & 127) << shift
        if byte < 128:
            return length, offset
        shift += 7
