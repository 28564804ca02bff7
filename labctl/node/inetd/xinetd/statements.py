"""The text of xinetd.conf(5) as entries and statements, each with its place.

INPUT AND OUTPUT
    ``read(path, text, include)`` gives the entries of a file and of what it includes;
    ``include(path)`` the (path, text) pairs of a file, or of the files of a directory.

FAILURE
    An entry that cannot be read is left out; ``Complaint`` says why, in xinetd's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.base.log import DEBUG, ERROR

_STATEMENT: Final = re.compile(r"(\S+)\s+(\+=|-=|=)\s*(.*)")
_NO_SPACE: Final = re.compile(r"(\w+)(?:\+=|-=|=)")


class Place(NamedTuple):
    """Where something stands."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"[file={self.path}] [line={self.line}]"


class Complaint(NamedTuple):
    """What the log says of the configuration."""

    severity: int
    text: str


class Statement(NamedTuple):
    """``name += values`` with its place."""

    name: str
    operator: str
    values: tuple[str, ...]
    place: Place


@dataclass(slots=True)
class Entry:
    """A ``service NAME { ... }``, or ``defaults { ... }`` with no name."""

    name: str
    statements: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """All entries of a configuration."""

    entries: list[Entry] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, text: str, severity: int = ERROR) -> None:
        self.complaints.append(Complaint(severity, text))


Content = Callable[[str], Iterable[tuple[str, str]]]
Lines = Iterator[tuple[int, str]]


class BadEntry(Exception):
    """The entry cannot be read; the text is the complaint."""


def read(path: str, text: str, include: Content) -> Read:
    """The entries of this file and of those that it includes."""
    result = Read()
    _read(path, text, include, result)
    return result


def _read(path: str, text: str, include: Content, into: Read) -> None:
    lines = _lines(text)
    for number, line in lines:
        words, place = line.split(), Place(path, number)
        if words[0] in ("include", "includedir") and len(words) > 1:
            _include(words, place, include, into)
        elif words[0] == "defaults":
            _take_entry(Entry(""), lines, place, into)
        elif words[0] not in ("service", "include", "includedir"):
            into.complain(f"missing service keyword {place}")
        elif len(words) == 1:
            into.complain(f"service name missing {place}")
            _skip_entry(lines)
        else:
            _take_entry(Entry(words[1]), lines, place, into)


def _lines(text: str) -> Lines:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _include(words: list[str], place: Place, include: Content, into: Read) -> None:
    try:
        files = list(include(words[1]))
    except OSError:
        what = {
            "include": "Unable to open included configuration file",
            "includedir": "Unable to read included directory",
        }[words[0]]
        into.complain(f"{what}: {words[1]} {place}")
        return
    for path, text in files:
        into.complain(f"Reading included configuration file: {path} {place}", DEBUG)
        _read(path, text, include, into)


def _take_entry(entry: Entry, lines: Lines, place: Place, into: Read) -> None:
    try:
        _fill(entry, lines, place)
    except BadEntry as error:
        into.complain(str(error))
        _skip_entry(lines)
        return
    if not entry.name and any(not other.name for other in into.entries):
        into.complain(f"only 1 defaults entry is allowed. This entry will be ignored {place}")
        return
    into.entries.append(entry)


def _fill(entry: Entry, lines: Lines, place: Place) -> None:
    number, line = next(lines, (place.line + 1, ""))
    if line != "{":
        what = f"Service {entry.name}" if entry.name else "defaults"
        raise BadEntry(f"{what}: missing '{{' {place._replace(line=number)}")
    for number, line in lines:
        if line == "}":
            return
        entry.statements.append(_statement(line, place._replace(line=number)))


def _statement(line: str, place: Place) -> Statement:
    match = _STATEMENT.fullmatch(line)
    if match is not None:
        return Statement(match[1], match[2], tuple(match[3].split()), place)
    glued = _NO_SPACE.match(line)
    if glued is not None:
        raise BadEntry(f"Attribute {glued[1]} needs a space before operator {place}")
    raise BadEntry(f"Bad operator for attribute: {line.split()[0]} {place}")


def _skip_entry(lines: Lines) -> None:
    for _, line in lines:
        if line == "}":
            return
