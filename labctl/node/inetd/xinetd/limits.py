"""Who may use a service of xinetd now, and who is too much (xinetd.conf(5)).

INPUT AND OUTPUT
    ``Limits`` are the attributes of a service as values.  ``refusal()`` gives the word that
    the log line FAIL has for the reason, or "".
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Final, NamedTuple

UNLIMITED: Final = 1 << 30


class Limits(NamedTuple):
    """How many clients a service takes, and how fast."""

    instances: int = UNLIMITED
    per_source: int = UNLIMITED
    cps: int = 50  # connections in a second ...
    cps_pause: int = 10  # ... and for how long the service is off when there were more
    only_from: tuple[str, ...] | None = None
    no_access: tuple[str, ...] = ()
    access_times: tuple[str, ...] = ()


def limits_of(attributes: dict[str, list[str]]) -> Limits:
    """The limits of a service."""

    def number(name: str) -> int:
        value = (attributes.get(name) or ["UNLIMITED"])[0]
        return int(value) if value.isdigit() else UNLIMITED

    cps = attributes.get("cps", ["50", "10"])
    only_from = attributes.get("only_from")
    return Limits(
        number("instances"),
        number("per_source"),
        int(cps[0]),
        int(cps[1]) if len(cps) > 1 else 10,
        None if only_from is None else tuple(only_from),
        tuple(attributes.get("no_access", ())),
        tuple(attributes.get("access_times", ())),
    )


def refusal(limits: Limits, address: str, running: Sequence[str], minute_of_day: int) -> str:
    """Why this client is not served; ``running`` are the addresses of those that are."""
    if not _may_come(limits, address):
        return "address"
    if not _is_open(limits, minute_of_day):
        return "time"
    if len(running) >= limits.instances:
        return "service_limit"
    if running.count(address) >= limits.per_source:
        return "per_source_limit"
    return ""


def _may_come(limits: Limits, address: str) -> bool:
    """The most specific pattern decides; without only_from everybody may come."""
    denied = _specificity(limits.no_access, address)
    if limits.only_from is None:
        return denied < 0
    allowed = _specificity(limits.only_from, address)
    return allowed >= 0 and allowed >= denied


def _is_open(limits: Limits, minute_of_day: int) -> bool:
    spans = [_TIMES.fullmatch(span) for span in limits.access_times]
    times = [[int(part) for part in match.groups()] for match in spans if match]
    return not limits.access_times or any(
        hour * 60 + minute <= minute_of_day <= end_hour * 60 + end_minute
        for hour, minute, end_hour, end_minute in times
    )


def _specificity(patterns: Sequence[str], address: str) -> int:
    """How many bits of the address the best pattern fixes, -1 if none matches."""
    return max((_bits(pattern, address) for pattern in patterns), default=-1)


def _bits(pattern: str, address: str) -> int:
    client = ipaddress.ip_address(address.removeprefix("::ffff:"))
    network = _network(pattern)
    if network is None:
        return _bits_of_name(pattern, str(client))
    fits = client.version == network.version and client in network
    return network.prefixlen if fits else -1


def _network(pattern: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        if "/" in pattern or ":" in pattern:
            return ipaddress.ip_network(pattern, strict=False)
        address = ipaddress.IPv4Address(pattern)
    except ValueError:
        return None
    # xinetd.conf(5): zeros on the right stand for everything.
    octets = str(address).split(".")
    fixed = len(octets)
    while fixed and octets[fixed - 1] == "0":
        fixed -= 1
    return ipaddress.ip_network(f"{address}/{fixed * 8}")


def _bits_of_name(pattern: str, address: str) -> int:
    try:
        name = socket.getnameinfo((address, 0), socket.NI_NAMEREQD)[0]
    except socket.gaierror:
        return -1
    if pattern.startswith("."):
        return 16 if name.lower().endswith(pattern.lower()) else -1
    return 32 if name.lower() == pattern.lower() else -1


def is_pattern(text: str) -> bool:
    """Whether an entry of only_from or no_access can match anything."""
    if re.fullmatch(r"[\d./]+", text):
        return _network(text) is not None or re.fullmatch(r"\d+(\.\d+){0,2}", text) is not None
    try:
        socket.getaddrinfo(text.lstrip("."), None)
    except OSError:
        return text.startswith(".") or _network(text) is not None
    return True


_TIMES: Final = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")
