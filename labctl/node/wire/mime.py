"""The structure of a message: headers, and by their class those of its parts, and bodies.

INPUT AND OUTPUT
    ``Parser.line()`` takes one line after the other, without its line end, and calls the
    sink: ``header(class, bytes)`` for each complete header, ``end_of_header(class)``,
    ``body(line, offset)`` with the offset inside of the current body.  ``finish()`` closes
    what is open.  Lines that go on in the next record are given with ``more=True``.  What the
    limits do not want is told to ``report``, each fault once.

STATES
    PRIMARY --blank line--> BODY --boundary--> MULTIPART (headers of a part) --> BODY ...
    a part of type message/rfc822 goes on with NESTED headers.  RFC 2046 5.1, 5.2.1.

BUGS
    mime_nesting_limit admits two levels more than it says, as it always did.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from labctl.node.wire.headers import is_continuation, name_length, without_space_before_colon
from labctl.node.wire.mime_fields import (
    SEVEN_BIT,
    TEXT,
    ContentType,
    parse_content_type,
    parse_encoding,
)


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


class Fault(enum.Enum):
    """What is wrong with a message, in the words of the reply."""

    NESTING = "MIME nesting exceeds safety limit"
    HEADER_8BIT = "improper use of 8-bit data in message header"
    BODY_8BIT = "improper use of 8-bit data in message body"
    ENCODING = "invalid message/* or multipart/* encoding domain"


class Limits(NamedTuple):
    """What is too much, and what is not wanted at all; defaults as in postconf(5)."""

    header_size: int = 102400  # header_size_limit
    nesting: int = 100  # mime_nesting_limit
    boundary_length: int = 2048  # mime_boundary_length_limit
    unwanted: frozenset[Fault] = frozenset((Fault.NESTING,))


class _Open(NamedTuple):
    """A multipart that has begun: its boundary, and what its parts are by default."""

    boundary: bytes
    default: ContentType


class Parser:
    """One message.  With ``structure=False`` everything after the header is one body."""

    def __init__(
        self,
        sink: Sink,
        limits: Limits,
        *,
        structure: bool = True,
        report: Callable[[Fault, bytes], None] = lambda fault, text: None,
    ) -> None:
        self._sink = sink
        self._report = report
        self._unwanted = set(limits.unwanted) if structure else set[Fault]()
        self._limits = limits
        self._structure = structure
        self.header_class: HeaderClass | None = HeaderClass.PRIMARY  # None: in a body
        self._header: list[bytes] = []
        self._header_length = 0
        self._type, self._encoding = TEXT, SEVEN_BIT
        self._open: list[_Open] = []
        self._offset = 0
        self._continued = False  # the previous record did not end its line

    @property
    def in_simple_body(self) -> bool:
        """Whatever comes, it belongs to a body, and nothing in it has a meaning."""
        watched = Fault.BODY_8BIT in self._unwanted
        return self.header_class is None and not self._open and not watched

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
        if self._structure:
            self._understand(header)
        self._sink.header(self.header_class, header)

    def _understand(self, header: bytes) -> None:
        if Fault.HEADER_8BIT in self._unwanted and not header.isascii():
            self._fault(Fault.HEADER_8BIT, header)
        if header[:8].lower() != b"content-":
            return
        name, _, value = header.partition(b":")
        if name.lower() == b"content-type":
            self._type = parse_content_type(value, self._limits.boundary_length)
            if self._type.major == "multipart" and len(self._open) > self._limits.nesting + 1:
                self._fault(Fault.NESTING, header)
        elif name.lower() == b"content-transfer-encoding":
            self._encoding = parse_encoding(value)

    def _fault(self, fault: Fault, text: bytes) -> None:
        if fault in self._unwanted:
            self._unwanted.remove(fault)
            self._report(fault, text)

    def _end_header(self, line: bytes, *, more: bool) -> None:
        primary = self.header_class is HeaderClass.PRIMARY
        self._flush_header()
        self._enter_body()
        # RFC 5322 2.1: an empty line separates; a line that is no header gets one before it.
        if primary or not line:
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
        if not self._structure:
            return
        kind, self._type = self._type, TEXT
        self._check_encoding(kind)
        if kind.major == "multipart":
            if kind.boundary and len(self._open) <= self._limits.nesting + 1:
                default = MESSAGE if kind.minor == "digest" else TEXT
                self._open.append(_Open(kind.boundary, default))
        elif (kind.major, kind.minor) in NESTED_TYPES:
            self.header_class, self._encoding = HeaderClass.NESTED, SEVEN_BIT

    def _check_encoding(self, kind: ContentType) -> None:
        # RFC 2045 6.4: only 7bit, 8bit and binary are allowed for these.
        composite = kind.major == "multipart" or (kind.major, kind.minor) in COMPOSITE
        if composite and self._encoding.name != self._encoding.domain:
            self._fault(Fault.ENCODING, self._encoding.name.encode())

    def _body_line(self, line: bytes, *, more: bool, continued: bool) -> None:
        if self._structure and self._encoding.name == "7bit" and not line.isascii():
            self._fault(Fault.BODY_8BIT, line)
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
            self._type, self._encoding = TEXT, SEVEN_BIT
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


# RFC 2046 5.2.1, RFC 6532 3.7.
MESSAGE: Final = ContentType("message", "rfc822")
NESTED_TYPES: Final = {("message", "rfc822"), ("message", "global")}
# RFC 2046 5.1, 5.2: what must not be encoded, because it has an encoding in each of its parts.
COMPOSITE: Final = {("message", "rfc822"), ("message", "partial"), ("message", "external-body")}

__all__ = ["Fault", "HeaderClass", "Limits", "Parser", "Sink", "parse_content_type"]
