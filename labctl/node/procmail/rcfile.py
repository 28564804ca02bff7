"""An rcfile as values: assignments, recipes and blocks, with nothing expanded yet.

THE SYNTAX, procmailrc(5)
    NAME=value   NAME                          assignment; a name alone is unset
    :0 [flags] [: [lockfile]]                  recipe:
    * condition                                   any number
    folder | !address | |command | { ... }        one action

INPUT AND OUTPUT
    ``parse(text)`` returns the statements.  What makes no sense is passed over, as procmail
    does: mail must not stop because of a typing mistake.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple


class Assignment(NamedTuple):
    """NAME=value in an rcfile."""

    name: str
    value: str | None  # as written, with its quotes; None unsets


class Recipe(NamedTuple):
    """One recipe of procmailrc(5)."""

    flags: frozenset[str]
    lock: str | None  # None: no lock; "": the usual one; else its name, as written
    conditions: Sequence[str]
    action: str = ""  # a folder, "!addresses" or "|command"; "" when there is a block
    block: Sequence[Assignment | Recipe | Complaint] | None = None


class Complaint(NamedTuple):
    """What the log is told about a line that makes no sense."""

    text: str


Statement = Assignment | Recipe | Complaint


@dataclass
class _Lines:
    """The lines that are still to be read; one can be put back."""

    left: list[str] = field(default_factory=list)
    closed: bool = False  # a brace has ended the block that is being read

    def take(self) -> str | None:
        """The next line that is neither empty nor a comment, with continuations joined."""
        while self.left:
            line = self.left.pop(0).strip()
            while line.endswith("\\") and self.left:
                line = line[:-1] + self.left.pop(0).lstrip()
            if line and not line.startswith("#"):
                return line
        return None

    def put_back(self, line: str) -> None:
        if line.strip():
            self.left.insert(0, line)


def parse(text: str) -> list[Statement]:
    """All statements of a file."""
    lines = _Lines(text.split("\n"))
    statements = _block(lines)
    while lines.closed:
        statements += [Complaint("Closing brace unexpected"), *_block(lines)]
    return statements


def _block(lines: _Lines) -> list[Statement]:
    statements: list[Statement] = []
    lines.closed = False
    while (line := lines.take()) is not None:
        if line.startswith("}"):
            lines.put_back(line[1:])
            lines.closed = True
            break
        if line.startswith(":"):
            statements += _recipe(line, lines)
        elif found := ASSIGNMENT.match(line):
            statements.append(_assignment(found, line, lines))
        else:
            statements.append(Complaint(f'Skipped "{line}"'))
    return statements


def _assignment(found: re.Match[str], line: str, lines: _Lines) -> Assignment:
    if not found[2]:
        lines.put_back(line[found.end() :])
        return Assignment(found[1], None)
    rest = line[found.end() :]
    # A quote may stay open over several lines.
    while (end := WORD.match(rest)) and _is_open(rest) and lines.left:
        rest += "\n" + lines.left.pop(0)
    end = WORD.match(rest)
    assert end is not None  # the pattern matches the empty string
    after = rest[end.end() :].strip()
    if not after.startswith("#"):
        lines.put_back(after)
    return Assignment(found[1], end[0])


def _is_open(text: str) -> bool:
    """Whether a quote that begins here does not end here."""
    return bool(OPEN_QUOTE.search(WHOLE_QUOTES.sub("", text)))


def _recipe(line: str, lines: _Lines) -> list[Statement]:
    head = RECIPE.match(line)
    assert head is not None  # the pattern matches every line with a colon
    complaints: list[Statement] = []
    if strange := head[2].split("#")[0].strip():
        complaints.append(Complaint(f'Skipped "{strange}"'))
    flags = frozenset(head[1].replace(" ", "").replace("\t", ""))
    lock = head[3][1:].split("#")[0].strip() if head[3] else None
    conditions = []
    while (action := lines.take()) is not None and action.startswith("*"):
        conditions.append(action[1:].strip())
    if action is None or action.startswith((":", "}")):
        lines.put_back(action or "")
        return [*complaints, Complaint("Missing action")]
    if action.startswith("{"):
        lines.put_back(action[1:])
        block = _block(lines)
        lines.closed = False
        return [*complaints, Recipe(flags, lock, conditions, block=block)]
    return [*complaints, Recipe(flags, lock, conditions, action)]


ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)[ \t]*(=?)[ \t]*")
RECIPE: Final = re.compile(r":[0-9]*[ \t]*([HBDAahbfcwWiEer \t]*)([^:]*)(:.*)?")
SINGLE, DOUBLE, BACK = r"'[^']*'", r'"(?:[^"\\]|\\.)*"', r"`(?:[^`\\]|\\.)*`"
WORD: Final = re.compile(rf"(?:{SINGLE}|{DOUBLE}|{BACK}|\\.|[^\s'\"`\\])*", re.DOTALL)
WHOLE_QUOTES: Final = re.compile(rf"{SINGLE}|{DOUBLE}|{BACK}|\\.|#.*", re.DOTALL)
OPEN_QUOTE: Final = re.compile(r"['\"`]")
