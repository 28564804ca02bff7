"""How often each command came and how often it succeeded: the end of the disconnect line.

ehlo=1 mail=1 rcpt=0/1 data=1 quit=1 commands=4/5
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(slots=True)
class Counters:
    """Counts of one connection, by the verb in lower case; ``unknown`` for everything else."""

    total: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)

    def begin(self, verb: str) -> None:
        """A command has come."""
        key = _key(verb)
        self.total[key] = self.total.get(key, 0) + 1

    def accept(self, verb: str) -> None:
        """It was obeyed."""
        key = _key(verb)
        self.accepted[key] = self.accepted.get(key, 0) + 1

    def __str__(self) -> str:
        pairs = [
            (key, self.accepted.get(key, 0), self.total[key])
            for key in ORDER
            if key in self.total
        ]
        totals = ("commands", sum(self.accepted.values()), sum(self.total.values()))
        return " ".join(
            f"{key}={accepted}" if accepted == total and total else f"{key}={accepted}/{total}"
            for key, accepted, total in [*pairs, totals]
        )


def _key(verb: str) -> str:
    key = verb.lower()
    return key if key in ORDER else "unknown"


# The order in which Postfix prints them.
ORDER: Final = (
    "helo",
    "ehlo",
    "xclient",
    "xforward",
    "starttls",
    "auth",
    "mail",
    "rcpt",
    "data",
    "bdat",
    "rset",
    "noop",
    "vrfy",
    "etrn",
    "quit",
    "unknown",
)
