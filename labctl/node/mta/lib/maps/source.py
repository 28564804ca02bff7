"""Read the source text of a table: the lines that postmap(1) turns into entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from labctl.node.mta.lib.config.logical_lines import WHITE_SPACE, logical_lines


class Entry(NamedTuple):
    """What one line says: an entry, a complaint about the line, or both."""

    line: int
    key: str
    value: str
    complaint: str = ""


def map_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Read `key white-space value` lines, as postmap(1) does."""
    for line in logical_lines(lines):
        yield _entry(line.first, line.text)


def _entry(number: int, text: str) -> Entry:
    if text[0] in WHITE_SPACE:
        return Entry(number, "", "", "logical line must not start with whitespace")
    end = _end_of_key(text)
    if end is None:
        complaint = f"unbalanced '\"' in '{text}' -- ignoring this line"
        return Entry(number, "", "", complaint)
    key, value = text[:end], text[end:].strip(WHITE_SPACE)
    if not value:
        return Entry(number, key, "", "expected format: key whitespace value")
    complaint = 'record is in "key: value" format; is this an alias file?'
    return Entry(number, key, value, complaint if key.endswith(":") else "")


def _end_of_key(text: str) -> int | None:
    """Find the first white space outside of quotes; None when a quote stays open."""
    if '"' not in text and "\\" not in text:
        return len(text.split(None, 1)[0])
    quoted = escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character in WHITE_SPACE and not quoted:
            return position
    return None if quoted else len(text)
