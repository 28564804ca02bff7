"""Which machines take mail for a destination: MX records, addresses, and whether it is us.

RULES
    RFC 5321 5.1: the lowest preference first, equal ones in random order; no MX record means
    the name itself; RFC 7505: one MX record with "." means that there is no mail at all.
    Where one of the MX hosts is this machine, that one and all that are not better are left
    out: mail must come nearer to its goal, or it loops.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple, Protocol

from labctl.node.base.log import Log
from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred, failed
from labctl.node.mta.smtp.hosts import order
from labctl.node.mta.smtp.hosts.lookup import is_literal
from labctl.node.mta.smtp.hosts.nexthop import Nexthop
from labctl.node.mta.smtp.hosts.order import Order


class Host(NamedTuple):
    """One address of one machine."""

    name: str
    address: str
    port: int
    detect_loops: bool = False  # on the SMTP port only: others may be ours on purpose
    is_best: bool = True  # no other host of the destination is preferred

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


class Found(NamedTuple):
    """The hosts in the order in which to try them."""

    hosts: tuple[Host, ...]
    we_are_backup: bool = False  # mail must not go to a host that knows less than we do


class NoHosts(Exception):
    """Nobody takes mail for this destination, now or ever."""

    def __init__(self, status: DeliveryStatus) -> None:
        super().__init__(status.reason)
        self.status = status

    @property
    def is_loop(self) -> bool:
        """The best host is ourselves."""
        return self.status.status == LOOP


class Lookup(Protocol):
    """How names become addresses: smtp.hosts.lookup, or a zone of a test."""

    def addresses(self, name: str) -> Sequence[str]: ...

    def mx(self, domain: str) -> Sequence[Mx] | None: ...


class Finder:
    """Looks hosts up; the log hears of MX records that lead nowhere."""

    def __init__(self, lookup: Lookup, own: frozenset[str], log: Log, wanted: Order) -> None:
        self._lookup, self._own, self._log, self._order = lookup, own, log, wanted

    def find(self, nexthop: Nexthop, port: int, *, detect_loops: bool) -> Found:
        """The hosts of a next hop.  Raises NoHosts."""
        found = self._all(nexthop, port, detect_loops)
        limited = self._order.limited(found.hosts, lambda host: order.family(host.address))
        return found._replace(hosts=tuple(limited))

    def _all(self, nexthop: Nexthop, port: int, detect_loops: bool) -> Found:
        exchangers = self._exchangers_of(nexthop)
        if exchangers is None:
            # RFC 5321 5.1: without MX the name itself is the host, if it has an address.
            return self._plain_hosts(nexthop.host, port, detect_loops)
        return self._exchangers(nexthop.host, exchangers, port, detect_loops)

    def _exchangers_of(self, nexthop: Nexthop) -> Sequence[Mx] | None:
        if not nexthop.use_mx or is_literal(nexthop.host):
            return None
        try:
            exchangers = self._lookup.mx(nexthop.host)
        except DnsFailure as failure:
            raise NoHosts(status_of(failure)) from failure
        for mx in exchangers or ():
            if is_literal(mx.host):
                self._log.warning(
                    "numeric domain name in resource data of MX record for"
                    f" {nexthop.host}: {mx.host}"
                )
        return exchangers

    def _plain_hosts(self, name: str, port: int, detect_loops: bool) -> Found:
        try:
            addresses = self._lookup.addresses(name)
        except DnsFailure as failure:
            raise NoHosts(status_of(failure)) from failure
        if detect_loops and self._own.intersection(addresses):
            raise NoHosts(loops_back(name))
        preferred = self._order.preferred(addresses)
        return Found(tuple(Host(name, address, port, detect_loops) for address in preferred))

    def _exchangers(
        self, domain: str, exchangers: Sequence[Mx], port: int, detect_loops: bool
    ) -> Found:
        levels = _Levels(self._lookup, self._order)
        for _, equals in groupby(sorted(exchangers, key=_preference), key=_preference):
            level = levels.next([mx.host for mx in equals], port, detect_loops)
            if detect_loops and any(host.address in self._own for host in level):
                # RFC 5321 5.1: hosts that are no better than we are do not bring mail nearer.
                if not levels.hosts:
                    raise NoHosts(loops_back(domain))
                return Found(tuple(levels.hosts), we_are_backup=True)
            levels.hosts += level
        if levels.failure is not None and not levels.hosts:
            self._log.warning(f"no MX host for {domain} has a valid address record")
            raise NoHosts(levels.failure)
        return Found(tuple(levels.hosts))


class _Levels:
    """The hosts so far, preference by preference."""

    def __init__(self, lookup: Lookup, wanted: Order) -> None:
        self._lookup, self._order = lookup, wanted
        self.hosts: list[Host] = []
        self.failure: DeliveryStatus | None = None  # of the last name without an address

    def next(self, names: Sequence[str], port: int, detect_loops: bool) -> list[Host]:
        """The hosts of one preference."""
        named: dict[str, str] = {}
        for name in self._order.shuffled(names):
            for address in self._addresses(name):
                named.setdefault(address, name)
        is_best = not self.hosts
        return [
            Host(named[address], address, port, detect_loops, is_best)
            for address in self._order.preferred(list(named))
        ]

    def _addresses(self, name: str) -> Sequence[str]:
        try:
            return self._lookup.addresses(name)
        except DnsFailure as failure:
            status = status_of(failure)
            if self.failure is not None and self.failure.is_temporary and status.is_permanent:
                # A host that may have an address tomorrow leaves hope for all.
                status = deferred(status.reason, "4.4.4")
            self.failure = status
            return ()


def status_of(failure: DnsFailure) -> DeliveryStatus:
    """What a failed lookup means for the mail."""
    code = STATUS_OF_KIND.get(failure.kind, "5.4.4")
    return deferred(failure.text, code) if code.startswith("4") else failed(failure.text, code)


def loops_back(destination: str) -> DeliveryStatus:
    """The best host for the mail is this one, which does not take it for its own."""
    return failed(f"mail for {destination} loops back to myself", LOOP)


def _preference(mx: Mx) -> int:
    return mx.preference


LOOP: Final = "5.4.6"
STATUS_OF_KIND: Final = {
    Kind.NULL_MX: "5.1.0",  # RFC 7505 4.2
    Kind.TRY_AGAIN: "4.4.3",
    Kind.NOT_IN_SYSTEM: "5.3.0",
    Kind.FILTERED: "4.7.0",
}
