"""Read the source text of a table: the lines that postmap(1) turns into entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from labctl.node.mta.lib.logical_lines import WHITE_SPACE, logical_lines


class Entry(NamedTuple):
    """One entry, or the complaint about a line that is none."""

    line: int
    key: str
    value: str
    complaint: str = ""


def map_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Read `key white-space value` lines, as postmap(1) does."""
    for line in logical_lines(lines):
        words = line.text.split(None, 1)
        if line.text[0] in WHITE_SPACE:
            complaint = "logical line must not start with whitespace"
            yield Entry(line.last, "", "", complaint)
        elif len(words) < 2:
            yield Entry(line.last, words[0], "", "expected format: key whitespace value")
        elif words[0].endswith(":"):
            complaint = 'record is in "key: value" format; is this an alias file?'
            yield Entry(line.last, words[0], words[1], complaint)
        else:
            yield Entry(line.last, words[0], words[1])
