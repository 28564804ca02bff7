"""Dates as mail headers have them, in English whatever the locale of the machine."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final


def mail_date(when: float) -> str:
    """RFC 5322 3.3: ``Mon, 23 Nov 2026 10:00:00 +0000 (UTC)``."""
    return _date(int(when))


# Under load many messages have the same second, and localtime(3) looks at a file each time.
@lru_cache(maxsize=1)
def _date(when: int) -> str:
    moment = time.localtime(when)
    day, month = DAYS[moment.tm_wday], MONTHS[moment.tm_mon - 1]
    clock = time.strftime("%H:%M:%S %z (%Z)", moment)
    # A one-digit day has a space before it, as strftime's %e.
    return f"{day}, {moment.tm_mday:2d} {month} {moment.tm_year} {clock}"


DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
