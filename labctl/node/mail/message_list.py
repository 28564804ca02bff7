"""Message lists: which messages a command is about, as numbers from 0.

INPUT AND OUTPUT
    ``numbers("1-3 $", dot, there)``: numbers, ranges, ``*``, ``$``, ``^``, ``.``; the dot when
    nothing is given.  ``there`` says of each message whether it is not deleted.
"""

from __future__ import annotations

from collections.abc import Sequence


class BadList(Exception):
    """A message list that names what is not there; the text is what is printed."""


def numbers(text: str, dot: int, there: Sequence[bool]) -> list[int]:
    """All messages of the list, in its order."""
    if not text:
        return [dot] if 0 <= dot < len(there) and there[dot] else []
    found: list[int] = []
    for word in text.split():
        first, dash, last = word.partition("-")
        if word == "*":
            found += [number for number, is_there in enumerate(there) if is_there]
        elif dash:
            found += range(_number(first, dot, there), _number(last, dot, there) + 1)
        else:
            found.append(_number(word, dot, there))
    return found


def _number(word: str, dot: int, there: Sequence[bool]) -> int:
    special = {"$": len(there) - 1, "^": 0, ".": dot}
    if word in special:
        return special[word]
    if not word.isdigit() or not 1 <= int(word) <= len(there):
        raise BadList(f"{word}: Invalid message number\n")
    return int(word) - 1
