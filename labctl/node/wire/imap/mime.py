"""The parts of a MIME message, and where their octets are (RFC 2045, 2046).

INPUT AND OUTPUT
    ``parse(header, text, complain)`` reads a message with CRLF lines into a ``Part``.  Parts
    know slices of the text that they were found in, so that a section costs no copy until
    it is asked for.

LIMITS
    Beyond MAX_DEPTH levels or MAX_PARTS parts the rest is one opaque part: a hostile message
    must not cost more than an honest one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from labctl.node.wire.imap.address import Complain
from labctl.node.wire.imap.envelope import Envelope, Fields, envelope, fields

MAX_DEPTH: Final = 50
MAX_PARTS: Final = 10000
NON_MIME: Final = "Warning: MIME header encountered in non-MIME message"
MISSING_VALUE: Final = b"MISSING_PARAMETER_VALUE"
CONTENT_FIELDS: Final = (
    b"CONTENT-TYPE",
    b"CONTENT-TRANSFER-ENCODING",
    b"CONTENT-DISPOSITION",
    b"CONTENT-ID",
    b"CONTENT-DESCRIPTION",
    b"CONTENT-LANGUAGE",
    b"CONTENT-LOCATION",
    b"CONTENT-MD5",
)
ENCODINGS: Final = frozenset({b"7BIT", b"8BIT", b"BINARY", b"BASE64", b"QUOTED-PRINTABLE"})

Parameters = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Part:
    """A body part, with its own header (b"" for the text of a message)."""

    header: bytes
    text: bytes
    type: bytes = b"TEXT"
    subtype: bytes = b"PLAIN"
    parameters: Parameters = field(default_factory=list)
    encoding: bytes = b"7BIT"
    id: bytes | None = None
    description: bytes | None = None
    md5: bytes | None = None
    disposition: tuple[bytes, Parameters] | None = None
    language: list[bytes] = field(default_factory=list)
    location: bytes | None = None
    parts: list[Part] = field(default_factory=list)  # of a multipart
    message: Part | None = None  # of a message/rfc822
    message_header: bytes = b""
    envelope: Envelope | None = None

    @property
    def lines(self) -> int:
        return self.text.count(b"\n")


@dataclass(slots=True)
class _Budget:
    complain: Complain
    parts: int = MAX_PARTS


def parse(found: Fields, text: bytes, complain: Complain) -> Part:
    """The structure of a whole message."""
    return _message_body(found, text, _Budget(complain), 0)


def _message_body(found: Fields, text: bytes, budget: _Budget, depth: int) -> Part:
    if b"MIME-VERSION" not in found and any(name in found for name in CONTENT_FIELDS):
        budget.complain(NON_MIME)
    return _part(b"", found, text, budget, depth, default=(b"TEXT", b"PLAIN"))


def _part(
    header: bytes,
    found: Fields,
    text: bytes,
    budget: _Budget,
    depth: int,
    default: tuple[bytes, bytes],
) -> Part:
    budget.parts -= 1
    part = Part(header, text, *default)
    _read_content_type(part, found, budget.complain)
    _read_encoding(part, found, budget.complain)
    _read_other_fields(part, found)
    if part.type == b"TEXT" and not part.parameters:
        charset = b"US-ASCII" if part.encoding == b"7BIT" else b"X-UNKNOWN"
        part.parameters = [(b"CHARSET", charset)]
    if depth >= MAX_DEPTH or budget.parts <= 0:
        return part
    if part.type == b"MULTIPART":
        _split(part, budget, depth)
    elif (part.type, part.subtype) == (b"MESSAGE", b"RFC822"):
        _read_message(part, budget, depth)
    return part


def _read_message(part: Part, budget: _Budget, depth: int) -> None:
    # RFC 2046 5.2.1: no encoding but 7bit, 8bit and binary is permitted.
    if part.encoding in (b"BASE64", b"QUOTED-PRINTABLE"):
        return
    header, text = split_header(part.text)
    found = fields(header)
    part.message_header = header
    part.envelope = envelope(found, budget.complain)
    part.message = _message_body(found, text, budget, depth + 1)


def _split(part: Part, budget: _Budget, depth: int) -> None:
    digest = part.subtype == b"DIGEST"
    default = (b"MESSAGE", b"RFC822") if digest else (b"TEXT", b"PLAIN")
    for content in _between_boundaries(part.text, parameter(part, b"BOUNDARY") or b"-"):
        if budget.parts <= 0:
            break
        header, text = split_header(content)
        part.parts.append(_part(header, fields(header), text, budget, depth + 1, default))
    if not part.parts:
        # RFC 2046 wants at least one.
        empty = (b"TEXT", b"PLAIN")
        part.parts.append(_part(b"", {}, b"", budget, depth + 1, empty))


def _between_boundaries(text: bytes, boundary: bytes) -> list[bytes]:
    delimiter = re.compile(rb"^--" + re.escape(boundary) + rb"(--|[ \t]*(?=\r?$))", re.M)
    contents = []
    start = -1
    for match in delimiter.finditer(text):
        if start >= 0:
            # RFC 2046 5.1.1: the line end before a delimiter belongs to the delimiter.
            contents.append(text[start : max(start, match.start() - 2)])
        end_of_line = text.find(b"\n", match.end())
        start = end_of_line + 1 if end_of_line >= 0 else len(text)
        if match[1] == b"--":
            return contents
    if start >= 0:
        contents.append(text[start:])
    return contents


def split_header(content: bytes) -> tuple[bytes, bytes]:
    """The header with its empty line, and what follows."""
    if content.startswith(b"\r\n"):
        return content[:2], content[2:]
    end = content.find(b"\r\n\r\n")
    if end < 0:
        return content, b""
    return content[: end + 4], content[end + 4 :]


def parameter(part: Part, name: bytes) -> bytes | None:
    """The value of a parameter of Content-Type."""
    return next((value for key, value in part.parameters if key == name), None)


# ---------------------------------------------------------------- header fields

_SPECIALS: Final = rb'\x00-\x20()<>@,;:\\"/\[\]?='
_TOKEN: Final = re.compile(rb"[^" + _SPECIALS + rb"]+")
_SPACE: Final = re.compile(rb"(?:[ \t\r\n]|\((?:[^()\\]|\\.)*\))*")
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S)


def _read_content_type(part: Part, found: Fields, complain: Complain) -> None:
    value = _first(found, b"CONTENT-TYPE")
    match = _TOKEN.match(value, _blank(value, 0)) if value else None
    if match is None or value is None:
        return
    part.type = match[0].upper()
    part.subtype = DEFAULT_SUBTYPES.get(part.type, b"UNKNOWN")
    at = _blank(value, match.end())
    if value[at : at + 1] == b"/":
        at = _blank(value, at + 1)
        subtype = _TOKEN.match(value, at)
        if subtype is not None:
            part.subtype, at = subtype[0].upper(), _blank(value, subtype.end())
    part.parameters = _parameters(value, at, complain)


def _read_encoding(part: Part, found: Fields, complain: Complain) -> None:
    value = _first(found, b"CONTENT-TRANSFER-ENCODING")
    match = _TOKEN.match(value, _blank(value, 0)) if value else None
    if match is None:
        return
    part.encoding = match[0].upper()
    if part.encoding not in ENCODINGS:
        complain(f"Unknown MIME transfer encoding: {part.encoding.decode('latin-1')}")


def _read_other_fields(part: Part, found: Fields) -> None:
    part.id = _first(found, b"CONTENT-ID")
    part.description = _first(found, b"CONTENT-DESCRIPTION")
    part.md5 = _first(found, b"CONTENT-MD5")
    part.location = _first(found, b"CONTENT-LOCATION")
    languages = _first(found, b"CONTENT-LANGUAGE") or b""
    part.language = [word.upper() for word in re.findall(rb"[^\s,()]+", languages)]
    disposition = _first(found, b"CONTENT-DISPOSITION") or b""
    match = _TOKEN.match(disposition)
    if match is not None:
        at = _blank(disposition, match.end())
        part.disposition = match[0].upper(), _parameters(disposition, at, lambda _text: None)


def _parameters(value: bytes, at: int, complain: Complain) -> Parameters:
    found: Parameters = []
    while value[at : at + 1] == b";":
        at = _blank(value, at + 1)
        name = _TOKEN.match(value, at)
        if name is None:
            break
        at = _blank(value, name.end())
        if value[at : at + 1] != b"=":
            complain(f"Missing parameter value: {name[0].decode('latin-1').upper()}")
            found.append((name[0].upper(), MISSING_VALUE))
            continue
        text, at = _parameter_value(value, _blank(value, at + 1))
        found.append((name[0].upper(), text))
    return found


def _parameter_value(value: bytes, at: int) -> tuple[bytes, int]:
    quoted = _QUOTED.match(value, at)
    if quoted is not None:
        return re.sub(rb"\\(.)", rb"\1", quoted[1]), _blank(value, quoted.end())
    # RFC 2045 wants a token here; what people leave unquoted goes to the next semicolon.
    match = re.compile(rb'[^\x00-\x20();"]*').match(value, at)
    assert match is not None
    return match[0], _blank(value, match.end())


def _blank(value: bytes, at: int) -> int:
    """Behind blanks and comments."""
    match = _SPACE.match(value, at)
    return match.end() if match else at


def _first(found: Fields, name: bytes) -> bytes | None:
    values = found.get(name)
    return values[0].strip() or None if values else None


DEFAULT_SUBTYPES: Final[Mapping[bytes, bytes]] = {
    b"TEXT": b"PLAIN",
    b"MULTIPART": b"MIXED",
    b"MESSAGE": b"RFC822",
    b"APPLICATION": b"OCTET-STREAM",
    b"AUDIO": b"BASIC",
}
