"""What is wrong with a topology file, said so that its author can repair it.

Checks do not raise: they yield ``Problem`` values, and the command prints all
of them at once.  A problem says where, what, and what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a topology file, for "file:line:column: path" messages."""

    file: str
    line: int
    column: int
    path: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}" if self.path else where


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, where, and what to do."""

    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        first = f"{self.place}: {self.what}"
        return first + "".join(f"\n    {line}" for line in self.hint.splitlines())


def unknown_name(place: Place, kind: str, name: str, known: Iterable[str]) -> Problem:
    """Report a reference to something that the file does not define."""
    hint = suggest(name, known) or f"This file defines no {kind} yet."
    return Problem(place, f"no {kind} is called {name!r}", hint)


def suggest(name: str, known: Iterable[str]) -> str:
    """Say which of ``known`` was probably meant; the whole list when none is close."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"There is: {', '.join(known)}." if known else ""
