"""Fold a long line at white space, for people who read reports on narrow screens."""

from __future__ import annotations

from typing import Final

WIDTH: Final = 79
INDENT: Final = "    "


def wrap(text: str) -> str:
    """Lines of at most 79 columns, where the words allow it."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line.strip() and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = INDENT + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
