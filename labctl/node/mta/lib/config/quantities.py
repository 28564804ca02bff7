"""Numbers and periods of time as main.cf writes them: `10240000`, `5d`, `300s`.

A period without a unit has the unit that the parameter's default is written in
(postconf(5): "maximal_queue_lifetime ... the default time unit is d").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final


def parse_number(text: str) -> int | None:
    """Return the number, or None if the text is not one."""
    return int(text) if NUMBER.fullmatch(text) else None


def parse_seconds(text: str, default_unit: str = "s") -> int | None:
    """Return the period in seconds, or None if the text is not a period."""
    match = PERIOD.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * SECONDS_PER[match[2] or default_unit]


def parse_flag(text: str) -> bool | None:
    """Return what `yes` or `no` stands for, or None for anything else."""
    return FLAGS.get(text.lower())


NUMBER: Final = re.compile(r"[+-]?\d+")
PERIOD: Final = re.compile(r"(\d+)([smhdw]?)")
SECONDS_PER: Final[Mapping[str, int]] = {
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}
FLAGS: Final[Mapping[str, bool]] = {"yes": True, "no": False}
