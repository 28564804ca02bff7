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
    block: Sequence[Assignment | Recipe] | None = None


Statement = Assignment | Recipe


@dataclass
class _Lines:
    """The lines that are still to be read; one can be put back."""

    left: list[str] = field(default_factory=list)

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
    return _block(_Lines(text.split("\n")))


def _block(lines: _Lines) -> list[Statement]:
    statements: list[Statement] = []
    while (line := lines.take()) is not None:
        if line.startswith("}"):
            lines.put_back(line[1:])
            break
        if line.startswith(":"):
            if recipe := _recipe(line, lines):
                statements.append(recipe)
        elif found := ASSIGNMENT.match(line):
            statements.append(_assignment(found, line, lines))
        # Everything else means nothing to procmail either.
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


def _recipe(line: str, lines: _Lines) -> Recipe | None:
    head = RECIPE.match(line)
    if head is None:
        return None
    flags = frozenset(head[1].replace(" ", "").replace("\t", ""))
    lock = head[2][1:].split("#")[0].strip() if head[2] else None
    conditions = []
    while (action := lines.take()) is not None and action.startswith("*"):
        conditions.append(action[1:].strip())
    if action is None:
        return None
    if action.startswith("{"):
        lines.put_back(action[1:])
        return Recipe(flags, lock, conditions, block=_block(lines))
    return Recipe(flags, lock, conditions, action)


ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)[ \t]*(=?)[ \t]*")
RECIPE: Final = re.compile(r":[0-9]*[ \t]*([HBDAahbfcwWiEer \t]*)(:.*)?")
SINGLE, DOUBLE, BACK = r"'[^']*'", r'"(?:[^"\\]|\\.)*"', r"`(?:[^`\\]|\\.)*`"
WORD: Final = re.compile(rf"(?:{SINGLE}|{DOUBLE}|{BACK}|\\.|[^\s'\"`\\])*", re.DOTALL)
WHOLE_QUOTES: Final = re.compile(rf"{SINGLE}|{DOUBLE}|{BACK}|\\.|#.*", re.DOTALL)
OPEN_QUOTE: Final = re.compile(r"['\"`]")
