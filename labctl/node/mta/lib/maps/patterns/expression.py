"""A compiled pattern, whichever engine has compiled it."""

from __future__ import annotations

import re
from typing import Protocol

Groups = tuple[str | None, ...]


class MatchFailure(Exception):
    """The engine gave up on this text; the rule counts as one that does not match."""


class Expression(Protocol):
    """What a rule asks of its pattern."""

    # How many $number there are.
    group_count: int

    def search(self, text: str) -> Groups | None:
        """Return what the groups matched, or None; raises MatchFailure."""
        ...


class PythonExpression:
    """A pattern of Python's own engine, where the system has none of its own."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.group_count = pattern.groups

    def search(self, text: str) -> Groups | None:
        """Look for the first match."""
        match = self._pattern.search(text)
        return None if match is None else match.groups()
