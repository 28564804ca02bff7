"""Times of whole commands: medians, spread, and the table that is kept in docs."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """One row: what was measured, the goal of the issue, and the samples, in ``unit``."""

    what: str
    goal: str
    samples: Sequence[float]
    unit: str = "s"

    @property
    def median(self) -> float:
        return statistics.median(self.samples)


def timed(command: Sequence[str]) -> float:
    """Run a command to its end; give its wall-clock seconds.  A failure ends the benchmark."""
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return seconds


def rounds(count: int, measure: Callable[[], float]) -> list[float]:
    """Measure several times."""
    return [measure() for _ in range(count)]


def table(figures: Sequence[Figure]) -> str:
    """Lay the figures out in Markdown, the median first."""
    lines = ["| what | median | min | max | goal |", "|---|---|---|---|---|"]
    for one in figures:
        values = (one.median, min(one.samples), max(one.samples))
        cells = " | ".join(f"{value:.2f} {one.unit}" for value in values)
        lines.append(f"| {one.what} | {cells} | {one.goal} |")
    return "\n".join(lines) + "\n"
