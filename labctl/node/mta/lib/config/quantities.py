"""Numbers and periods of time as main.cf writes them: `10240000`, `5d`, `300s`.

A period without a unit has the unit that the parameter's default is written in
(postconf(5): "maximal_queue_lifetime ... the default time unit is d").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final


def parse_number(text: str, bits: int = 32) -> int | None:
    """Return the number, or None if the text is not one, or one that is too long."""
    number = _integer(text)
    return number if number is not None and -(1 << bits - 1) <= number < 1 << bits - 1 else None


def parse_seconds(text: str, default_unit: str = "s") -> int | None:
    """Return the period in seconds, or None if the text is not a period."""
    match = PERIOD.match(text)
    if match is None:
        return None
    unit = match[2] or default_unit
    number = _integer(match[1])
    if unit not in SECONDS_PER or number is None:
        return None
    seconds = number * SECONDS_PER[unit]
    return seconds if 0 <= seconds <= LONGEST else None


def parse_flag(text: str) -> bool | None:
    """Return what `yes` or `no` stands for, or None for anything else."""
    return FLAGS.get(text.lower())


def _integer(text: str) -> int | None:
    # The length is looked at first: int() refuses thousands of digits with an exception.
    return int(text) if len(text) < MOST_DIGITS and NUMBER.fullmatch(text) else None


MOST_DIGITS: Final = 100
LONGEST: Final = (1 << 31) - 1  # seconds
NUMBER: Final = re.compile(r"[+-]?[0-9]+")
# What stands behind the unit is not looked at: `5days` is five days.
PERIOD: Final = re.compile(r"([+-]?[0-9]+)(.?)", re.DOTALL)
SECONDS_PER: Final[Mapping[str, int]] = {
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}
FLAGS: Final[Mapping[str, bool]] = {"yes": True, "no": False}
