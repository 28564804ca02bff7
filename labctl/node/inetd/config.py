"""inetd.conf(5): one service a line, as Debian's openbsd-inetd reads it.

INPUT AND OUTPUT
    ``parse(text)`` gives the services in their order, and what the log must say of the rest.

        [address:]service type protocol wait|nowait[.max] user[.group] program arguments...
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final, NamedTuple

from labctl.node.base import sockets

DEFAULT_RATE: Final = 256  # inetd(8) -R: invocations of one service in a minute
FIELDS: Final = 6

PortOf = Callable[[str, str], int]


class Entry(NamedTuple):
    """One service on one port of one address family."""

    service: str
    kind: str  # stream, dgram
    protocol: str  # tcp, tcp6, udp, udp6
    address: str
    port: int
    wait: bool
    rate: int
    user: str
    group: str
    program: str  # a path, or "internal"
    arguments: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.kind, self.protocol, self.address, self.port

    @property
    def ipv6(self) -> bool:
        return self.protocol.endswith("6")


class Parsed(NamedTuple):
    """The services of the file, and what is wrong with it."""

    entries: tuple[Entry, ...]
    complaints: tuple[str, ...]


def parse(
    text: str, *, rate: int = DEFAULT_RATE, port_of: PortOf = sockets.port_number
) -> Parsed:
    """All services of a configuration file."""
    entries: list[Entry] = []
    complaints: list[str] = []
    default_address = ""
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) == 1 and words[0].endswith(":"):
            default_address = words[0][:-1]
            continue
        if len(words) < FIELDS:
            complaints += [SYNTAX_ERROR] * (2 if len(words) < 4 else 1)
            continue
        for protocol in _families(words[2]):
            try:
                entries.append(_entry(words, protocol, default_address, rate, port_of))
            except ValueError:
                name = words[0].rpartition(":")[2]
                complaints.append(f"{name}/{protocol}: unknown service")
    return Parsed(tuple(entries), tuple(complaints))


def _families(protocol: str) -> tuple[str, ...]:
    """A protocol without a digit means both address families."""
    name = protocol.partition(",")[0]
    if name in ("tcp", "udp"):
        return name, f"{name}6"
    return (f"{name[:3]}{name[3:].removesuffix('4')}",)


def _entry(
    words: list[str], protocol: str, default_address: str, rate: int, port_of: PortOf
) -> Entry:
    address, _, service = words[0].rpartition(":")
    wait, _, most = words[3].partition(".")
    user, group = _user_and_group(words[4])
    return Entry(
        service,
        words[1],
        protocol,
        _literal(address or default_address, protocol),
        port_of(service, protocol.removesuffix("6")),
        wait == "wait",
        int(most) if most.isdigit() else rate,
        user,
        group,
        words[5],
        tuple(words[6:]),
    )


def _user_and_group(text: str) -> tuple[str, str]:
    for separator in (":", "."):
        user, found, group = text.partition(separator)
        if found:
            return user, group
    return text, ""


def _literal(address: str, protocol: str) -> str:
    if address in ("", "*"):
        return "::" if protocol.endswith("6") else "0.0.0.0"
    family = socket.AF_INET6 if protocol.endswith("6") else socket.AF_INET
    try:
        found = socket.getaddrinfo(address.strip("[]"), None, family)
    except socket.gaierror as error:
        raise ValueError(str(error)) from error
    return str(found[0][4][0])


SYNTAX_ERROR: Final = "syntax error in inetd config file"
