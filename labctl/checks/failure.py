"""A check that failed, said so that a student learns from it."""

from __future__ import annotations

from dataclasses import dataclass


# Not frozen: contextlib sets the traceback of an exception that passes through it.
@dataclass(eq=False)
class CheckFailed(AssertionError):
    """What should have been, what was, how we know, why probably, and what to type next."""

    expected: str
    got: str
    evidence: str = ""
    cause: str = ""
    next_command: str = ""

    def rows(self) -> list[tuple[str, str]]:
        """Give the parts that there are, each with its title."""
        rows = [
            ("expected", self.expected),
            ("got", self.got),
            ("evidence", self.evidence),
            ("cause", self.cause),
            ("next", self.next_command),
        ]
        return [(title, text) for title, text in rows if text]

    def __str__(self) -> str:
        return "\n".join(
            f"{title:<9} " + text.replace("\n", "\n" + " " * 10) for title, text in self.rows()
        )
