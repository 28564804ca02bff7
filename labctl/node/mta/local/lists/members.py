"""The right side of an alias and the lines of a .forward file, as lists of destinations.

THE SYNTAX, aliases(5)
    destination, destination ...     also without the commas, as in a To: header
    user  user@domain  Full Name <user@domain>  user (comment)
    /file  ~/file  |command  "|command with arguments"  :include:/file  "\\\\user"

WHY ONE GRAMMAR
    Whatever a list has, it is read as addresses of a header are: without quotes the words of
    a command are destinations of their own, and `|cat > /file` is a command and a file.

INPUT AND OUTPUT
    ``parse("staff, |cat")`` is a list of ``Member``, in order; nothing is looked up.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.logical_lines import logical_lines
from labctl.node.wire import address_tokens, header_addresses


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
    written = header_addresses.addresses(text)
    plain = (address_tokens.internal(address_tokens.scan(item)) for item in written)
    return [_member(item) for item in plain if item]


def parse_lines(lines: Iterable[str]) -> list[Member]:
    """All destinations of a file with comments and continued lines."""
    return [member for line in logical_lines(lines) for member in parse(line.text)]


def _member(text: str) -> Member:
    if text[: len(INCLUDE)].lower() == INCLUDE:
        return Member(Kind.INCLUDE, text[len(INCLUDE) :])
    kind = KINDS.get(text[0], Kind.ADDRESS)
    return Member(kind, text[1:] if kind is Kind.COMMAND else text)


INCLUDE: Final = ":include:"
KINDS: Final[Mapping[str, Kind]] = {
    "/": Kind.FILE,
    "~": Kind.HOME_FILE,
    "|": Kind.COMMAND,
}
