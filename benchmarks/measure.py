"""Times of whole commands: medians, spread, and the table that is kept in docs."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

PAGE: Final = Path("docs/performance.md")


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


def keep(name: str, text: str) -> None:
    """Put a table into the page, between the marks of its name."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    page = PAGE.read_text() if PAGE.exists() else "# Performance\n\n"
    if begin not in page:
        page += f"\n{begin}{end}"
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    machine = f"{os.cpu_count()} cores, {os.uname().sysname} {os.uname().release}"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(f"{before}{begin}\nMedians on {machine}.\n\n{text}\n{end}{after}")
