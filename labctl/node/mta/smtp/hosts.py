"""Which machines take mail for a destination: MX records, addresses, and whether it is us.

RULES
    RFC 5321 5.1: the lowest preference first, equal ones in random order; no MX record means
    the name itself; RFC 7505: one MX record with "." means that there is no mail at all.
    Where one of the MX hosts is this machine, that one and all that are not better are left
    out: mail must come nearer to its goal, or it loops.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from labctl.node.mta.lib.dns import resolver as dns
from labctl.node.mta.lib.dns.resolver import DnsFailure, Mx
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred, failed
from labctl.node.mta.smtp.nexthop import Nexthop

Shuffle = Callable[[list[str]], None]


class Host(NamedTuple):
    """One address of one machine."""

    name: str
    address: str
    port: int
    detect_loops: bool = False  # on the SMTP port only: others may be ours on purpose

    @property
    def name_address(self) -> str:
        return f"{self.name}[{self.address}]"

    @property
    def is_local_socket(self) -> bool:
        """LMTP over a path instead of an address; there is no port then."""
        return self.port == 0

    @property
    def name_address_port(self) -> str:
        return self.name_address if self.is_local_socket else f"{self.name_address}:{self.port}"


class NoHosts(Exception):
    """Nobody takes mail for this destination, now or ever."""

    def __init__(self, status: DeliveryStatus) -> None:
        super().__init__(status.reason)
        self.status = status


class Finder:
    """Looks hosts up; ``warn`` hears of MX records that lead nowhere."""

    def __init__(
        self,
        addresses: Callable[[str], Sequence[str]],
        mx: Callable[[str], Sequence[Mx]],
        own: frozenset[str],
        warn: Callable[[str], None],
        shuffle: Shuffle = random.shuffle,
    ) -> None:
        self._addresses, self._mx, self._own = addresses, mx, own
        self._warn, self._shuffle = warn, shuffle

    def find(self, nexthop: Nexthop, port: int, *, detect_loops: bool) -> list[Host]:
        """The hosts in the order in which to try them.  Raises NoHosts."""
        if not nexthop.use_mx or is_literal(nexthop.host):
            return self._plain_hosts(nexthop.host, port, detect_loops)
        try:
            exchangers = self._mx(nexthop.host)
        except DnsFailure as failure:
            if failure.exists_not:
                # RFC 5321 5.1: without MX the name itself is the host, if it has an address.
                return self._plain_hosts(nexthop.host, port, detect_loops)
            raise NoHosts(status_of(failure)) from failure
        return self._exchangers(nexthop.host, exchangers, port, detect_loops)

    def _plain_hosts(self, name: str, port: int, detect_loops: bool) -> list[Host]:
        try:
            addresses = list(self._lookup(name))
        except DnsFailure as failure:
            raise NoHosts(status_of(failure)) from failure
        if detect_loops and self._own.intersection(addresses):
            raise NoHosts(loops_back(name))
        self._shuffle(addresses)
        return [Host(name, address, port, detect_loops) for address in addresses]

    def _exchangers(
        self, domain: str, exchangers: Sequence[Mx], port: int, detect_loops: bool
    ) -> list[Host]:
        hosts: list[Host] = []
        last: DnsFailure | None = None
        for _, equals in groupby(sorted(exchangers), key=lambda mx: mx.preference):
            names = [mx.host for mx in equals]
            self._shuffle(names)
            level: list[Host] = []
            for name in names:
                try:
                    level += self._plain_level(name, port, detect_loops)
                except DnsFailure as failure:
                    last = failure
            if detect_loops and any(host.address in self._own for host in level):
                # RFC 5321 5.1: hosts that are no better than we are do not bring mail nearer.
                return self._better_than_us(domain, hosts)
            hosts += level
        if not hosts:
            assert last is not None
            self._warn(f"no MX host for {domain} has a valid address record")
            raise NoHosts(status_of(last))
        return hosts

    def _better_than_us(self, domain: str, hosts: list[Host]) -> list[Host]:
        if not hosts:
            raise NoHosts(loops_back(domain))
        return hosts

    def _plain_level(self, name: str, port: int, detect_loops: bool) -> list[Host]:
        addresses = list(self._lookup(name))
        self._shuffle(addresses)
        return [Host(name, address, port, detect_loops) for address in addresses]

    def _lookup(self, name: str) -> Sequence[str]:
        return [name] if is_literal(name) else self._addresses(name)


def is_literal(name: str) -> bool:
    """Whether the name is an address, which nobody needs to look up."""
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    try:
        socket.inet_pton(family, name)
    except OSError:
        return False
    return True


def status_of(failure: DnsFailure) -> DeliveryStatus:
    """What a failed lookup means for the mail."""
    if failure.kind is dns.Kind.NULL_MX:
        return failed(failure.text, "5.1.0")  # RFC 7505 4.2
    if failure.is_temporary:
        return deferred(failure.text, "4.4.3")
    return failed(failure.text, "5.4.4")


def loops_back(destination: str) -> DeliveryStatus:
    """The best host for the mail is this one, which does not take it for its own."""
    return failed(f"mail for {destination} loops back to myself", "5.4.6")
