"""Eight bits into seven: quoted-printable for a server without 8BITMIME.

INPUT AND OUTPUT
    ``downgrade(text)`` takes a message with LF line ends whose parts say that they are 8bit,
    and returns the same message in ASCII: RFC 6152 3, RFC 2045 6.7.

BUGS
    Eight-bit octets in headers stay: nothing that MIME offers would be right for all of them.
"""

from __future__ import annotations

import re
from typing import Final

from labctl.node.wire import headers, mime
from labctl.node.wire.mime import HeaderClass

LINE_LENGTH: Final = 72  # a soft line break comes behind that many characters


def downgrade(text: bytes) -> bytes:
    """The whole message, its parts converted one by one."""
    sink = _SevenBit()
    parser = mime.Parser(sink, mime.Limits())
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        parser.line(line)
    parser.finish()
    return b"\n".join(sink.lines) + b"\n"


def quoted_printable(line: bytes) -> list[bytes]:
    """RFC 2045 6.7: one line as lines that survive any server."""
    pieces = [b"=%02X" % match[0][0] for match in UNSAFE.finditer(line)]
    plain = UNSAFE.split(line)
    octets = [octet for part in _interleaved(plain, pieces) for octet in part]
    out, current, length = [], list[bytes](), 0
    for octet in octets:
        if length > LINE_LENGTH:
            out.append(b"".join(current) + b"=")
            current, length = [], 0
        current.append(octet)
        length += len(octet)
    return [*out, b"".join(current)]


def _interleaved(plain: list[bytes], quoted: list[bytes]) -> list[list[bytes]]:
    parts: list[list[bytes]] = []
    for index, text in enumerate(plain):
        parts.append([bytes((octet,)) for octet in text])
        if index < len(quoted):
            parts.append([quoted[index]])
    return parts


class _SevenBit:
    """The sink of the MIME parser: says 7bit or quoted-printable where 8bit was said."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._boundaries: list[bytes] = []
        self._eight_bit = self._is_composite = self._quoting = False

    def header(self, header_class: HeaderClass, header: bytes) -> None:
        """The encoding is written anew at the end; all else stays."""
        name = headers.name(header)
        if name == b"content-transfer-encoding":
            self._eight_bit = headers.value(header).strip().lower() in EIGHT_BIT
            if self._eight_bit:
                return
        elif name == b"content-type":
            kind = mime.parse_content_type(header.partition(b":")[2])
            self._is_composite = kind.major in COMPOSITE
            if kind.boundary:
                self._boundaries.append(b"--" + kind.boundary)
        self.lines += header.split(b"\n")

    def end_of_header(self, header_class: HeaderClass) -> None:
        """RFC 2045 6.4: a composite type cannot be quoted-printable itself."""
        if self._eight_bit:
            encoding = b"7bit" if self._is_composite else b"quoted-printable"
            self.lines.append(b"Content-Transfer-Encoding: " + encoding)
        self._quoting = self._eight_bit and not self._is_composite
        self._eight_bit = self._is_composite = False

    def body(self, line: bytes, offset: int, *, more: bool) -> None:
        """A boundary ends what is quoted."""
        if any(line.startswith(boundary) for boundary in self._boundaries):
            self._quoting = False
        self.lines += quoted_printable(line) if self._quoting else [line]


EIGHT_BIT: Final = (b"8bit", b"binary")
COMPOSITE: Final = ("multipart", "message")
# White space is in danger only at the end of a line.
UNSAFE: Final = re.compile(rb"[^\t -<>-~]|[ \t](?=\Z)")
