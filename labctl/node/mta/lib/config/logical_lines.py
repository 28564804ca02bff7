"""Join physical lines into logical ones, as main.cf, master.cf and lookup tables are written.

postconf(5), "FORMAT OF THE MAIN.CF FILE": a line that starts with white space continues the
one before; empty lines and lines whose first character is '#' are skipped, also between a
line and its continuation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class LogicalLine(NamedTuple):
    """A line with those that continue it, and where it stands."""

    first: int
    last: int
    text: str


def logical_lines(lines: Iterable[str]) -> Iterator[LogicalLine]:
    """Yield every logical line with the numbers of its first and last physical line."""
    first = last = 0
    text = ""
    for number, line in enumerate(lines, start=1):
        line = line.rstrip("\n")
        stripped = line.lstrip(WHITE_SPACE)
        if not stripped or stripped[0] == "#":
            continue
        if line[0] in WHITE_SPACE and text:
            last, text = number, text + line
            continue
        if text:
            yield LogicalLine(first, last, text.rstrip(WHITE_SPACE))
        first, last, text = number, number, line
    if text:
        yield LogicalLine(first, last, text.rstrip(WHITE_SPACE))


WHITE_SPACE = " \t\r\v\f\n"
