"""The results of a verification, as values; printing them is somebody else's work."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from labctl.errors import ExitCode

REPORT_VERSION: Final = 1
LEFT_OUT: Final = "left out"  # the row of a check that passed, with what this lab cannot show


class Outcome(enum.StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """One check: ``rows`` say why it did not pass, or what it left out, as (title, text)."""

    id: str
    layer: str
    outcome: Outcome
    seconds: float
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of checks has to tell."""

    lab: str
    results: Sequence[Result]
    seconds: float

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)

    @property
    def exit_code(self) -> ExitCode:
        """0 only if something was checked and nothing failed (or was skipped for a failure)."""
        if not self.results:
            return ExitCode.NO_CHECK
        return (
            ExitCode.OK if self.count(Outcome.PASSED) == len(self.results) else ExitCode.FAILED
        )

    def to_data(self) -> dict[str, Any]:
        """Give the report as plain data; the form of `--output json`."""
        return {
            "version": REPORT_VERSION,
            "lab": self.lab,
            "passed": self.count(Outcome.PASSED),
            "failed": self.count(Outcome.FAILED),
            "skipped": self.count(Outcome.SKIPPED),
            "seconds": round(self.seconds, 3),
            "checks": [
                {
                    "id": one.id,
                    "layer": one.layer,
                    "outcome": one.outcome.value,
                    "seconds": round(one.seconds, 3),
                    **dict(one.rows),
                }
                for one in self.results
            ],
        }
