"""Sequence sets: "2:4,7,*" as messages (RFC 3501 "sequence-set").

INPUT AND OUTPUT
    ``numbers(text, count)`` and ``uids(text, last)`` give ranges that include both ends.
    ``numbers_text`` writes a set as short as possible.

DEVIATION
    RFC 3501 lets a sequence number beyond the end be a client's mistake; c-client answers
    BAD with a word for each kind of mistake.  A UID beyond the end is no mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

Range = tuple[int, int]
_ELEMENT: Final = re.compile(rb"(\d+|\*)(?::(\d+|\*))?(?=,|\Z)")
_MOST: Final = 0xFFFFFFFF


class BadSet(Exception):
    """The text says what is wrong with it."""


def numbers(text: bytes, count: int) -> list[Range]:
    """Ranges of message numbers, all of which exist."""
    found = []
    for first, last in _elements(text):
        low = _number(first, count, "Sequence out of range")
        high = low if last is None else _number(last, count, "Sequence range invalid")
        found.append((min(low, high), max(low, high)))
    return found


def uids(text: bytes, last_uid: int) -> list[Range]:
    """Ranges of unique identifiers; "*" is the last that is in use."""
    found = []
    for first, last in _elements(text):
        low = last_uid if first == b"*" else _uid(first)
        high = low if last is None else last_uid if last == b"*" else _uid(last)
        found.append((min(low, high), max(low, high)))
    return found


def numbers_text(numbers: Iterable[int]) -> str:
    """Ascending numbers as a set: 2, 3, 4, 7 is "2:4,7"."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ranges)


def _elements(text: bytes) -> list[tuple[bytes, bytes | None]]:
    elements = []
    position = 0
    while True:
        match = _ELEMENT.match(text, position)
        if match is None:
            raise BadSet(_complaint(text[position:]))
        elements.append((match[1], match[2]))
        position = match.end() + 1
        if match.end() == len(text):
            return elements


def _complaint(rest: bytes) -> str:
    if not re.match(rb"\d|\*", rest):
        return "Syntax error in sequence"
    if re.match(rb"(?:\d+|\*):", rest):
        return "Sequence range syntax error"
    return "Sequence syntax error"


def _number(text: bytes, count: int, complaint: str) -> int:
    if text == b"*":
        if not count:
            raise BadSet("No messages, so no maximum message number")
        return count
    number = int(text)
    if not 1 <= number <= count:
        raise BadSet(complaint)
    return number


def _uid(text: bytes) -> int:
    number = min(int(text), _MOST)
    if number == 0:
        raise BadSet("UID may not be zero")
    return number
