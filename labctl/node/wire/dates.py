"""Dates of mail: the Date field (RFC 5322 3.3) and IMAP's date-time (RFC 3501 9).

INPUT AND OUTPUT
    Both give a ``Date``: the calendar date and time as written, and the zone in seconds.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from typing import Final, NamedTuple

_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_FIELD: Final = re.compile(
    rb"(?:[A-Za-z]+,?\s+)?(\d{1,2})[ \-]+([A-Za-z]{3})[a-z]*[ \-]+(\d{4}|\d\d)\s+"
    rb"(\d{1,2}):(\d\d)(?::(\d\d))?(?:\s*([+-]\d{4})|\s+([A-Za-z]+))?"
)
_DATE_TIME: Final = re.compile(
    rb"([ \d]?\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})"
)


class Date(NamedTuple):
    """RFC 5322 3.3, taken apart."""

    day: tuple[int, int, int]  # year, month, day
    time: tuple[int, int, int]
    zone: int

    @property
    def epoch(self) -> int:
        return timegm((*self.day, *self.time, 0, 0, 0)) - self.zone


def parse_field(value: bytes) -> Date | None:
    """The Date field of a message, None if it is no date."""
    match = _FIELD.match(value.strip())
    if match is None:
        return None
    zone = _offset(match[7]) if match[7] else NAMED_ZONES.get((match[8] or b"").upper(), 0)
    return _date(match, _full_year(int(match[3]), len(match[3])), zone)


def parse_date_time(value: bytes) -> Date | None:
    """The date that a client gives to APPEND."""
    match = _DATE_TIME.fullmatch(value.strip())
    return None if match is None else _date(match, int(match[3]), _offset(match[7]))


def _date(match: re.Match[bytes], year: int, zone: int) -> Date | None:
    at = _MONTHS.find(match[2].decode().lower())
    if at < 0 or at % 3:
        return None
    clock = (int(match[4]), int(match[5]), int(match[6] or 0))
    return Date((year, at // 3 + 1, int(match[1])), clock, zone)


def _full_year(year: int, digits: int) -> int:
    """RFC 5322 4.3: two digits from 50 on are of the last century."""
    if digits > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _offset(zone: bytes) -> int:
    seconds = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
    return -seconds if zone.startswith(b"-") else seconds


# RFC 5322 4.3 "obs-zone".
NAMED_ZONES: Final[Mapping[bytes, int]] = {
    b"UT": 0,
    b"GMT": 0,
    b"EST": -5 * 3600,
    b"EDT": -4 * 3600,
    b"CST": -6 * 3600,
    b"CDT": -5 * 3600,
    b"MST": -7 * 3600,
    b"MDT": -6 * 3600,
    b"PST": -8 * 3600,
    b"PDT": -7 * 3600,
}
