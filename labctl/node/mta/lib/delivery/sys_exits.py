"""What the exit status of a command means: sysexits.h, as delivery statuses.

INPUT AND OUTPUT
    ``detail(75)`` is ("4.3.0", "temporary failure").  A status outside of the table is a
    permanent failure: the command did not know what to say, and trying again would not help.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Detail(NamedTuple):
    """What an exit status of sysexits.h means for a delivery."""

    status: str
    text: str


EX_SOFTWARE: Final = 70
EX_IOERR: Final = 74
EX_TEMPFAIL: Final = 75


def is_known(code: int) -> bool:
    """Whether sysexits.h has a name for it."""
    return code in DETAILS


def detail(code: int) -> Detail:
    """Status and text of an exit status."""
    return DETAILS.get(code) or Detail("5.3.0", f"unknown mail system error {code}")


DETAILS: Final[Mapping[int, Detail]] = {
    64: Detail("5.3.0", "command line usage error"),
    65: Detail("5.6.0", "data format error"),
    66: Detail("5.3.0", "cannot open input"),
    67: Detail("5.1.1", "user unknown"),
    68: Detail("5.1.2", "host name unknown"),
    69: Detail("5.3.0", "service unavailable"),
    70: Detail("5.3.0", "internal software error"),
    71: Detail("4.3.0", "system resource problem"),
    72: Detail("5.3.0", "critical OS file missing"),
    73: Detail("5.2.0", "can't create user output file"),
    74: Detail("5.3.0", "input/output error"),
    75: Detail("4.3.0", "temporary failure"),
    76: Detail("5.5.0", "remote error in protocol"),
    77: Detail("5.7.0", "permission denied"),
    78: Detail("5.3.5", "local configuration error"),
}
