"""The line that separates messages in an mbox: is this one, and what date does it give?

WHY SO STRICT
    Text may begin with "From " as well.  Only a line that ends in a date of ctime(3), with
    or without seconds and zone, starts a message; that is what c-client accepts too.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_ZONE = rb"[+-]\d{4}|[A-Za-z]{1,5}(?: DST)?"

FROM_LINE: Final = re.compile(
    rb"From (?P<sender>[^\n]*?) *"
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) "
    rb"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    rb"(?: (?P<zone>" + _ZONE + rb"))? (?P<year>\d{4})(?: (?P<late>" + _ZONE + rb"))?"
    rb"(?: remote from [^\n]*)?[ \r]*(?:\n|\Z)"
)


class Moment(NamedTuple):
    """A date with the zone it was written in."""

    epoch: int
    zone: str  # "+0100"

    def internal_date(self) -> str:
        """RFC 3501 date-time: the day is padded with a space."""
        t = time.gmtime(self.epoch + zone_seconds(self.zone))
        return (
            f"{t.tm_mday:2d}-{MONTHS[t.tm_mon - 1]}-{t.tm_year} "
            f"{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d} {self.zone}"
        )

    def local(self) -> time.struct_time:
        """The calendar date in its own zone, which SEARCH BEFORE, ON and SINCE compare."""
        return time.gmtime(self.epoch + zone_seconds(self.zone))


def parse(line: bytes) -> Moment | None:
    """The date of a From_ line, None if it is not one."""
    match = FROM_LINE.match(line)
    if match is None or match["month"].decode() not in MONTHS:
        return None
    zone = _zone(match["zone"] or match["late"])
    fields = (int(match[name] or 0) for name in ("year", "day", "hour", "minute", "second"))
    year, day, hour, minute, second = fields
    month = MONTHS.index(match["month"].decode()) + 1
    epoch = calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0))
    zone = zone or local_zone(epoch)
    return Moment(epoch - zone_seconds(zone), zone)


def zone_seconds(zone: str) -> int:
    """What "+0130" is in seconds."""
    sign = -1 if zone.startswith("-") else 1
    return sign * (int(zone[1:3]) * 3600 + int(zone[3:5]) * 60)


def local_zone(epoch: float) -> str:
    """The zone of this machine at that time."""
    minutes = time.localtime(epoch).tm_gmtoff // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def ctime(epoch: float) -> str:
    """ "Mon Jan  5 10:00:00 2004" in local time."""
    return time.asctime(time.localtime(epoch))


def _zone(text: bytes | None) -> str:
    if text is None:
        return ""
    name = text.decode()
    return name if name[0] in "+-" else ZONES.get(name.upper(), "+0000")


# RFC 822 5.1, and what European machines wrote.
ZONES: Final[Mapping[str, str]] = {
    "UT": "+0000",
    "GMT": "+0000",
    "UTC": "+0000",
    "EST": "-0500",
    "EDT": "-0400",
    "CST": "-0600",
    "CDT": "-0500",
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",
    "BST": "+0100",
    "MET": "+0100",
    "CET": "+0100",
    "MEST": "+0200",
    "CEST": "+0200",
    "EET": "+0200",
    "JST": "+0900",
}
