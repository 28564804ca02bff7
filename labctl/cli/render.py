"""What the user sees; nothing else in labctl prints.

Data goes to standard output, all else to standard error, so that a pipe gets data only.
Colour is for terminals, and not where NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Final, TextIO

from labctl.errors import LabError

RED, GREEN = "31", "32"
INDENT: Final = "    "
PLACE: Final = re.compile(r"[^:\n]+:\d+:\d+: ")


def paint(text: str, style: str, stream: TextIO) -> str:
    """Colour a text, if ``stream`` is a terminal that may show it."""
    if not style or not stream.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{style}m{text}\x1b[0m"


def show_data(text: str) -> None:
    """Print the result of a command."""
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    sys.stdout.flush()


def show_progress(text: str) -> None:
    """Print one line about what goes on."""
    print(text, file=sys.stderr, flush=True)


def show_error(error: LabError) -> None:
    """Print what happened, and what to do next."""
    # What is wrong in a file begins with its place, which editors make a link of.
    prefix = "" if PLACE.match(error.what) else "labctl: "
    print(f"{paint(prefix, RED, sys.stderr)}{error.what}", file=sys.stderr)
    for line in error.hint.splitlines():
        print(f"{INDENT}{line}", file=sys.stderr)


def show_unexpected(error: Exception) -> None:
    """Print a defect of labctl itself."""
    kind = type(error).__name__
    hint = "This is a defect of labctl. With --debug it shows where."
    show_error(LabError(f"unexpected {kind}: {error}", hint=hint))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows under heads, each column as wide as its widest cell."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )
