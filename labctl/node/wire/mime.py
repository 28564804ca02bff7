"""The structure of a message: headers, and by their class those of its parts, and bodies.

INPUT AND OUTPUT
    ``Parser.line()`` takes one line after the other, without its line end, and calls the
    sink: ``header(class, bytes)`` for each complete header, ``end_of_header(class)``,
    ``body(line, offset)`` with the offset inside of the current body.  ``finish()`` closes
    what is open.  Lines that go on in the next record are given with ``more=True``.

STATES
    PRIMARY --blank line--> BODY --boundary--> MULTIPART (headers of a part) --> BODY ...
    a part of type message/rfc822 goes on with NESTED headers.  RFC 2046 5.1, 5.2.1.

BUGS
    Deeper than mime_nesting_limit, parts are body text.
"""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple, Protocol

from labctl.node.wire.headers import is_continuation, name_length, without_space_before_colon


class HeaderClass(enum.Enum):
    """Whose header it is; each class has its own checks."""

    PRIMARY = "header_checks"
    MULTIPART = "mime_header_checks"
    NESTED = "nested_header_checks"


class Sink(Protocol):
    """Who wants to know."""

    def header(self, header_class: HeaderClass, header: bytes) -> None: ...

    def end_of_header(self, header_class: HeaderClass) -> None: ...

    def body(self, line: bytes, offset: int, *, more: bool) -> None: ...


class Limits(NamedTuple):
    """postconf(5) header_size_limit, mime_nesting_limit, mime_boundary_length_limit."""

    header_size: int = 102400
    nesting: int = 100
    boundary_length: int = 2048


class ContentType(NamedTuple):
    """RFC 2045 5.1; both words in lower case."""

    major: str = "text"
    minor: str = "plain"
    boundary: bytes = b""


class _Open(NamedTuple):
    """A multipart that has begun: its boundary, and what its parts are by default."""

    boundary: bytes
    default: ContentType


class Parser:
    """One message.  With ``structure=False`` everything after the header is one body."""

    def __init__(self, sink: Sink, limits: Limits, *, structure: bool = True) -> None:
        self._sink = sink
        self._limits = limits
        self._structure = structure
        self.header_class: HeaderClass | None = HeaderClass.PRIMARY  # None: in a body
        self._header: list[bytes] = []
        self._header_length = 0
        self._type = TEXT
        self._open: list[_Open] = []
        self._offset = 0
        self._continued = False  # the previous record did not end its line

    def line(self, line: bytes, *, more: bool = False) -> None:
        """One line, or a part of one with ``more`` set."""
        continued, self._continued = self._continued, more
        if self.header_class is None:
            self._body_line(line, more=more, continued=continued)
        elif continued and self._header:
            self._extend(line, b"")
        elif is_continuation(line) and self._header:
            self._extend(line, b"\n")
        elif name_length(line):
            self._flush_header()
            self._header = [without_space_before_colon(line)]
            self._header_length = len(line)
        else:
            self._end_header(line, more=more)

    def finish(self) -> None:
        """End of the message, possibly in the middle of a header."""
        if self.header_class is not None:
            self._flush_header()
            self._enter_body()

    def _extend(self, line: bytes, separator: bytes) -> None:
        # What comes after the limit is lost; the header that it belongs to is not.
        if self._header_length < self._limits.header_size:
            self._header.append(separator + line)
            self._header_length += len(separator) + len(line)

    def _flush_header(self) -> None:
        if not self._header:
            return
        header, self._header = b"".join(self._header), []
        assert self.header_class is not None
        if self._structure and header[:13].lower() == b"content-type:":
            self._type = parse_content_type(header[13:], self._limits.boundary_length)
        self._sink.header(self.header_class, header)

    def _end_header(self, line: bytes, *, more: bool) -> None:
        self._flush_header()
        self._enter_body()
        # RFC 5322 2.1: an empty line separates; a line that is no header gets one before it.
        self._emit(b"", more=False)
        if line or more:
            self._continued = more
            if self.header_class is None:
                self._body_line(line, more=more, continued=False)
            else:
                self.line(line, more=more)

    def _enter_body(self) -> None:
        assert self.header_class is not None
        self._sink.end_of_header(self.header_class)
        self._offset = 0
        self.header_class = None
        kind, self._type = self._type, TEXT
        if not self._structure or len(self._open) >= self._limits.nesting:
            return
        if kind.major == "multipart" and kind.boundary:
            default = MESSAGE if kind.minor == "digest" else TEXT
            self._open.append(_Open(kind.boundary, default))
        elif (kind.major, kind.minor) in NESTED_TYPES:
            self.header_class = HeaderClass.NESTED

    def _body_line(self, line: bytes, *, more: bool, continued: bool) -> None:
        self._emit(line, more=more)
        if self._open and not continued and line.startswith(b"--"):
            self._boundary(line[2:])

    def _boundary(self, line: bytes) -> None:
        for depth in range(len(self._open) - 1, -1, -1):
            boundary, default = self._open[depth]
            if not line.startswith(boundary):
                continue
            # A boundary of an outer multipart ends the inner ones: RFC 2046 5.1.2.
            del self._open[depth + 1 :]
            if line[len(boundary) : len(boundary) + 2] == b"--":
                del self._open[depth:]
                self._offset = 0
            else:
                self.header_class = HeaderClass.MULTIPART
                self._type = default
            return

    def _emit(self, line: bytes, *, more: bool) -> None:
        self._sink.body(line, self._offset, more=more)
        self._offset += len(line) + 1


def parse_content_type(value: bytes, boundary_limit: int = 2048) -> ContentType:
    """Type and boundary of a Content-Type value; anything strange is text/plain."""
    match = TYPE.match(COMMENT.sub(b"", value))
    if match is None:
        return TEXT
    major, minor = match.group(1).decode().lower(), match.group(2).decode().lower()
    boundary = BOUNDARY.search(value)
    if boundary is None:
        return ContentType(major, minor)
    text = boundary.group(1) if boundary.group(1) is not None else boundary.group(2)
    return ContentType(major, minor, QUOTED_PAIR.sub(rb"\1", text)[:boundary_limit])


TEXT: Final = ContentType()
MESSAGE: Final = ContentType("message", "rfc822")
# RFC 2046 5.2.1, RFC 6532 3.7.
NESTED_TYPES: Final = {("message", "rfc822"), ("message", "global")}
TYPE: Final = re.compile(rb"\s*([!#-'*+.0-9A-Z^-~-]+)\s*/\s*([!#-'*+.0-9A-Z^-~-]+)", re.I)
COMMENT: Final = re.compile(rb"\([^()]*\)")
BOUNDARY: Final = re.compile(
    rb""";\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"()<>@,]+))""", re.I
)
QUOTED_PAIR: Final = re.compile(rb"\\(.)")
