"""How postconf(1) writes a setting: one space between words, folded with -f."""

from __future__ import annotations

import sys
from typing import Final

LINE_LIMIT: Final = 80
INDENT: Final = "    "


def warn(text: str) -> None:
    """Say something on standard error; what was printed comes later, as Postfix buffers it."""
    print(f"postconf: warning: {text}", file=sys.stderr)


def setting(
    name: str, value: str, *, fold: bool, names: bool = True, values: bool = True
) -> str:
    """Write `name = value`, or one of the two."""
    if not values:
        return name
    text = f"{name} = {value}" if names else value
    return folded(text.split(), fold=fold)


def folded(words: list[str], *, fold: bool) -> str:
    """Join words; with `fold` a new line starts where 80 columns would be passed."""
    if not fold:
        return " ".join(words)
    lines: list[str] = []
    line = ""
    for word in words:
        # Every line but the first is indented; all are counted as if they were.
        if line and len(INDENT) + len(line) + 1 + len(word) > LINE_LIMIT:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return f"\n{INDENT}".join([*lines, line])
