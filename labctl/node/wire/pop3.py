"""POP3 on the wire: command lines, byte-stuffing, the octets of a message (RFC 1939).

DEVIATION
    UW's ipop3d shows a Status line in each message and counts it in each size, although no
    standard asks for it: mail programs that leave mail on the server use it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

STATUS_LENGTH: Final = len(b"Status: RO\r\n")
LONGEST_LINE: Final = 1024


class Command(NamedTuple):
    """One line of a client."""

    verb: str  # upper case, "" for an empty line
    argument: str


def parse(line: bytes) -> Command:
    """Words are separated by spaces only; case does not matter."""
    text = line.decode("utf-8", "surrogateescape").lstrip(" ")
    verb, space, rest = text.partition(" ")
    argument = rest.lstrip(" ") or (" " if space and rest else "")
    return Command(verb.upper(), argument)


def number(text: str) -> int:
    """The leading digits, 0 without any: "2 now" is message 2, as strtoul(3) has it."""
    match = re.match(r" *\+?(\d+)", text)
    return int(match[1]) if match else 0


def with_status(header: bytes, *, seen: bool, old: bool) -> bytes:
    """The header with its Status line; a message without header gets none."""
    status = b"Status: %s%s\r\n" % (b"R" if seen else b" ", b"O" if old else b" ")
    lines = header.removesuffix(b"\r\n")
    return lines + (status if lines else b"") + b"\r\n"


def stuffed(content: bytes) -> bytes:
    """RFC 1939 3: a line that begins with a dot gets another; a single dot ends it all."""
    content = _DOT.sub(b"..", content)
    ending = b"" if content.endswith(b"\r\n") or not content else b"\r\n"
    return content + ending + b".\r\n"


def first_lines(text: bytes, count: int) -> bytes:
    """TOP: this many lines of the text."""
    position = 0
    for _ in range(count):
        found = text.find(b"\n", position)
        if found < 0:
            return text
        position = found + 1
    return text[:position]


_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
