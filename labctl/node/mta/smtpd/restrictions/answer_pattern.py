"""Which answers of a block list count: ``127.0.0.[2;4..6]``, postconf(5) reject_rbl_client.

INPUT AND OUTPUT
    ``compile_pattern(text)`` gives four sets of numbers, one for each octet; ``matches()``
    compares an answer with them.  Fatal, as in Postfix, where a pattern makes no sense.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from labctl.node.base.log import Fatal

Pattern = tuple[frozenset[int], ...]


def matches(answer: str, pattern: str) -> bool:
    """Whether an IPv4 address is among those that count; without a pattern all do."""
    if not pattern:
        return True
    octets = answer.split(".")
    wanted = compile_pattern(pattern)
    return len(octets) == len(wanted) and all(
        octet.isdigit() and int(octet) in allowed
        for octet, allowed in zip(octets, wanted, strict=True)
    )


def check(pattern: str) -> None:
    """Raise Fatal for a pattern that makes no sense, whatever the answers are."""
    if pattern:
        compile_pattern(pattern)


@lru_cache(maxsize=100)
def compile_pattern(text: str) -> Pattern:
    """The numbers that each octet may have."""
    found, position = [], 0
    for number in range(OCTETS):
        if number:
            position = _expect(text, position, ".")
        octet = OCTET.match(text, position)
        if octet is None:
            raise _error('need decimal number 0..255 or "["', text, position)
        found.append(_numbers(text, octet))
        position = octet.end()
    if position < len(text):
        raise _error("garbage after pattern", text, position)
    return tuple(found)


def _numbers(text: str, octet: re.Match[str]) -> frozenset[int]:
    if not octet["set"]:
        return frozenset([_number(text, octet.start(), octet.end(), SINGLE)])
    allowed: set[int] = set()
    position = octet.start() + 1
    for item in octet["set"].split(";"):
        low, dots, high = item.partition("..")
        first = _number(text, position, position + len(low), RANGE)
        last_at = position + len(low) + len(dots)
        last = _number(text, last_at, last_at + len(high), RANGE) if dots else first
        if last < first:
            raise _error(RANGE, text, last_at, last_at + len(high))
        allowed.update(range(first, last + 1))
        position += len(item) + 1
    return frozenset(allowed)


def _number(text: str, start: int, end: int, complaint: str) -> int:
    word = text[start:end]
    if not word.isdigit() or int(word) > LARGEST:
        raise _error(complaint, text, start, end)
    return int(word)


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise _error(f'need "{character}"', text, position)
    return position + 1


def _error(what: str, text: str, start: int, end: int | None = None) -> Fatal:
    """Point at the place, as Postfix does."""
    end = min(start + 1, len(text)) if end is None else end
    place = f"{text[:start]}>{text[start:end]}<{text[end:]}"
    return Fatal(f'RBL reply error: {what} at "{place}"')


OCTETS: Final = 4
LARGEST: Final = 255
SINGLE: Final = 'need decimal number 0..255 or "["'
RANGE: Final = "numeric range error"
OCTET: Final = re.compile(r"\[(?P<set>[^\]]*)\]?|\d+")
