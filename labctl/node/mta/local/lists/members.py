"""The right side of an alias and the lines of a .forward file, as lists of destinations.

THE SYNTAX, aliases(5)
    destination, destination ...     commas outside of quotes and comments separate
    user  user@domain  Full Name <user@domain>  user (comment)
    /file  ~/file  |command  "|command with, commas"  :include:/file  \\user

INPUT AND OUTPUT
    ``parse("staff, |cat")`` is a list of ``Member``, in order; nothing is looked up.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.logical_lines import logical_lines
from labctl.node.wire.addresses import internal


class Kind(enum.Enum):
    """What a member of a list can be, aliases(5)."""

    ADDRESS = enum.auto()
    FILE = enum.auto()
    HOME_FILE = enum.auto()
    COMMAND = enum.auto()
    INCLUDE = enum.auto()


class Member(NamedTuple):
    """One member of a list: an address, a file, a command, another list."""

    kind: Kind
    text: str  # without the sign that told its kind, except for ~/file


def parse(text: str) -> list[Member]:
    """All destinations of one logical line."""
    items = (_bare(item) for item in _split(text))
    return [_member(item) for item in items if item]


def parse_lines(lines: Iterable[str]) -> list[Member]:
    """All destinations of a file with comments and continued lines."""
    return [member for line in logical_lines(lines) for member in parse(line.text)]


def _split(text: str) -> Iterator[str]:
    """Cut at commas; quotes, comments and angle brackets keep theirs."""
    start = 0
    for token in TOKEN.finditer(text):
        if token[0] == ",":
            yield text[start : token.start()]
            start = token.end()
    yield text[start:]


def _bare(item: str) -> str:
    """The destination without comment, display name and quotes."""
    text = COMMENT_OR_QUOTED.sub(lambda found: found[1] or "", item).strip()
    if address := ANGLE.search(text):
        text = address[1].strip()
    # RFC 822 gives the backslash to the next character; here it says "no further expansion".
    if text.startswith("\\"):
        return "\\" + internal(text[1:])
    return internal(text)


def _member(text: str) -> Member:
    if text[: len(INCLUDE)].lower() == INCLUDE:
        return Member(Kind.INCLUDE, text[len(INCLUDE) :].strip())
    kind = KINDS.get(text[0], Kind.ADDRESS)
    return Member(kind, text[1:] if kind is Kind.COMMAND else text)


INCLUDE: Final = ":include:"
KINDS: Final[Mapping[str, Kind]] = {
    "/": Kind.FILE,
    "~": Kind.HOME_FILE,
    "|": Kind.COMMAND,
}
QUOTED: Final = r'"(?:[^"\\]|\\.)*"?'
TOKEN: Final = re.compile(rf"{QUOTED}|\([^()]*\)|<[^<>]*>|\\.|,|[^\",(<\\]+|.", re.DOTALL)
COMMENT_OR_QUOTED: Final = re.compile(rf"({QUOTED})|\([^()]*\)", re.DOTALL)
ANGLE: Final = re.compile(r"^[^|/:]*<([^<>]*)>\s*$", re.DOTALL)
