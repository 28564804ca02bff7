"""Fold a long line at white space, for people who read reports on narrow screens."""

from __future__ import annotations

import re
from typing import Final

WIDTH: Final = 79
INDENT: Final = "    "


def wrap(text: str) -> str:
    """Lines of at most 79 columns where the words allow it; space inside of a line stays."""
    lines: list[str] = []
    line = ""
    for word in WORD.findall(text):
        if line.strip() and len(line) + len(word.rstrip()) > WIDTH:
            lines.append(line.rstrip())
            line = INDENT
        line += word
    return "\n".join([*lines, line.rstrip()])


WORD: Final = re.compile(r"[^ \t]+[ \t]*")
