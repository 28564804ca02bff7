"""The content of DATA, as it comes off the wire, made into lines that end with LF.

INPUT AND OUTPUT
    ``feed(piece)`` takes what was read and returns whole lines with LF.  After the end of
    data ``finished`` is true and ``rest`` holds what the client sent behind it.

WHY A BUFFER AT A TIME
    A message is megabytes; four calls of ``bytes`` methods a buffer cost nothing, a loop over
    lines or characters would be what the server mainly does.

LINE ENDS
    RFC 5321 2.3.8 knows CRLF only.  postconf(5) smtpd_forbid_bare_newline says what becomes
    of a lone LF: accepted anywhere (no), accepted but not around the final dot (normalize).
"""

from __future__ import annotations

import re
from typing import Final

PARTIAL_LIMIT: Final = 65536


class DotDecoder:
    """The state between two pieces of one message."""

    def __init__(self, *, strict: bool = False, detect: bool = False) -> None:
        self.finished = False
        self.rest = b""
        self.bare_newline = False  # one was seen
        self._strict = strict  # only CRLF.CRLF ends the data
        self._detect = detect or strict
        self._before = b"\r\n"  # what stands before the rest: the line end of DATA itself
        self._tail = b""  # a line without its end

    def feed(self, piece: bytes) -> bytes:
        """The lines that are complete now, dots and line ends settled."""
        data = self._before + self._tail + piece
        ending = (STRICT_END if self._strict else LENIENT_END).search(data)
        if ending is not None:
            self.finished, self.rest = True, data[ending.end() :]
            return self._settle(data[: ending.start("dot")])
        end = data.rfind(b"\n") + 1
        if end < len(self._before):
            self._tail += piece
            return b""
        lines = self._settle(data[:end])
        self._before, self._tail = line_end(data[:end]), data[end:]
        return lines

    def unfinished(self) -> bytes:
        """Take out the beginning of a line that is too long to wait for its end."""
        if len(self._tail) < PARTIAL_LIMIT:
            return b""
        part, self._tail = self._tail[:-1], self._tail[-1:]
        if self._before.endswith(b"\n"):
            part = part.removeprefix(b".")
        self._before = MIDDLE_OF_LINE
        return part

    def _settle(self, data: bytes) -> bytes:
        """``data`` begins with ``_before``, which the caller knows already."""
        if self._detect:
            self.bare_newline = self.bare_newline or BARE_NEWLINE.search(data, 1) is not None
        if self._strict:
            data = LONE_DOT.sub(b"", data)
        # RFC 5321 4.5.2: the first dot of a line goes.
        text = data.replace(b"\n.", b"\n")[len(self._before) :]
        if b"\r" not in text:
            return text
        if self._detect or text.count(b"\r") == text.count(b"\r\n"):
            return text.replace(b"\r\n", b"\n")
        return TRAILING_CRS.sub(b"\n", text)


def line_end(data: bytes) -> bytes:
    """CRLF or a lone LF, whichever ends ``data``."""
    return b"\r\n" if data.endswith(b"\r\n") else b"\n"


MIDDLE_OF_LINE: Final = b"-"
LENIENT_END: Final = re.compile(rb"\n(?P<dot>)\.\r*\n")
STRICT_END: Final = re.compile(rb"\r\n(?P<dot>)\.\r\n")
# A dot that stands alone between other line ends is nothing: neither end nor content.
LONE_DOT: Final = re.compile(rb"(?<=\n)\.\r?\n")
BARE_NEWLINE: Final = re.compile(rb"(?<!\r)\n")
# Not tried again from within a run: a client may send a million of them.
TRAILING_CRS: Final = re.compile(rb"(?<!\r)\r+\n")


class ChunkDecoder:
    """The same for BDAT: no dots, no end; a line may go on in the next chunk (RFC 3030)."""

    def __init__(self) -> None:
        self.bare_newline = False  # one was seen
        self._tail = b""

    def feed(self, piece: bytes) -> bytes:
        """The lines that are complete now."""
        data = self._tail + piece
        end = data.rfind(b"\n") + 1
        lines, self._tail = data[:end], data[end:]
        self.bare_newline |= lines.count(b"\n") != lines.count(b"\r\n")
        return TRAILING_CRS.sub(b"\n", lines) if b"\r" in lines else lines

    @property
    def waiting(self) -> int:
        """Bytes of a line whose end is not here yet."""
        return len(self._tail)

    def unfinished(self) -> bytes:
        """Take out the beginning of a line that is too long to wait for its end."""
        if len(self._tail) < PARTIAL_LIMIT:
            return b""
        part, self._tail = self._tail[:-1], self._tail[-1:]
        return part

    def end(self) -> bytes:
        """What is left when the last chunk is here: a line without its end."""
        lines, self._tail = self._tail, b""
        return lines.rstrip(b"\r") + b"\n" if lines else b""
