"""Ask the name servers of /etc/resolv.conf, and tell the ways of not getting an answer apart.

INPUT AND OUTPUT
    ``Resolver().mx("example.test")`` returns a tuple of records, best first, or raises
    ``DnsFailure``, whose kind says whether asking again could help and whose text is what the
    mail log and the bounce say. The same holds for ``addresses``, ``txt`` and ``ptr``.

WHY NO THREADS, NO LIBRARY RESOLVER
    A mail process asks one question at a time and has nothing else to do meanwhile; the
    message format is in ``wire``.

NOT HERE
    /etc/hosts: postconf(5) smtp_host_lookup = dns means DNS; ``native_addresses`` asks the
    system instead.
"""

from __future__ import annotations

import enum
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.mta.lib.dns import resolv_conf
from labctl.node.mta.lib.dns import transport as dns_transport
from labctl.node.wire.hostnames import is_hostname

CACHE_SECONDS: Final = 1.0
CACHE_ENTRIES: Final = 200


class Kind(enum.Enum):
    """Why there is no answer."""

    NOT_FOUND = "Host not found"
    NO_DATA = "Host found but no data record of requested type"
    TRY_AGAIN = "Host not found, try again"
    MALFORMED = "Malformed or unexpected name server reply"
    NULL_MX = "Domain does not accept mail (nullMX)"
    ALIAS_LOOP = "Name server loop"
    FILTERED = "DNS reply filter drops all results"
    NOT_IN_SYSTEM = "No address associated with hostname"  # native lookup


class DnsFailure(Exception):
    """No answer, and why."""

    def __init__(self, kind: Kind, name: str, record: str, text: str = "") -> None:
        where = f"Name service error for name={name} type={record}"
        self.text = text or f"Host or domain name not found. {where}: {kind.value}"
        super().__init__(self.text)
        self.kind, self.name, self.type = kind, name, record

    @property
    def is_temporary(self) -> bool:
        """Whether asking again later could help."""
        return self.kind is Kind.TRY_AGAIN

    @property
    def exists_not(self) -> bool:
        """Whether the name servers are sure that there is no such record."""
        return self.kind in (Kind.NOT_FOUND, Kind.NO_DATA, Kind.ALIAS_LOOP)


class Record(NamedTuple):
    """One record of an answer; `preference` is that of an MX, otherwise 0."""

    type: str
    value: str
    preference: int = 0


class Mx(NamedTuple):
    """RFC 1035 3.3.9."""

    preference: int
    host: str


Ask = Callable[[str, str, resolv_conf.ResolverOptions, float], dns_transport.Reply]


class Resolver:
    """A stub resolver; one per process."""

    def __init__(
        self,
        path: str = resolv_conf.DEFAULT_PATH,
        *,
        protocols: tuple[str, ...] = ("ipv4", "ipv6"),
        ask: Ask = dns_transport.ask,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._path, self._ask, self._warn = path, ask, warn
        wanted = FAMILIES if "all" in protocols else protocols
        self._types = tuple(ADDRESS_TYPES[name] for name in wanted if name in ADDRESS_TYPES)
        self._cache: dict[tuple[str, str], tuple[float, tuple[Record, ...]]] = {}

    def records(
        self, name: str, kind: str, *, deadline: float | None = None
    ) -> tuple[Record, ...]:
        """Return the records of one type, aliases followed; `deadline` is monotonic time."""
        if not is_hostname(name):
            text = f"Name service error for {name}: invalid host or domain name"
            raise DnsFailure(Kind.NOT_FOUND, name, kind, text)
        key = (name.lower(), kind)
        now = time.monotonic()
        kept = self._cache.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        answer = self._records(name, kind, deadline)
        if len(self._cache) >= CACHE_ENTRIES:
            self._cache.clear()
        self._cache[key] = (now + CACHE_SECONDS, answer)
        return answer

    def mx(self, domain: str, *, deadline: float | None = None) -> tuple[Mx, ...]:
        """Return the mail exchangers, best first."""
        answer = self.records(domain, "MX", deadline=deadline)
        hosts = [Mx(record.preference, record.value) for record in answer]
        # RFC 7505 3: an MX whose host is the root means that there is no mail service.
        if any(mx.host == "" for mx in hosts):
            text = f"Domain {domain} does not accept mail (nullMX)"
            raise DnsFailure(Kind.NULL_MX, domain, "MX", text)
        # Equals keep the order of the answer: who asks may want to know it, or to shuffle.
        hosts.sort(key=lambda mx: mx.preference)
        usable = tuple(mx for mx in hosts if self._is_usable(mx.host, domain))
        if not usable:
            raise DnsFailure(Kind.MALFORMED, domain, "MX")
        return usable

    def _is_usable(self, host: str, domain: str) -> bool:
        """RFC 5321 5.1 wants a name; an address works, and is complained about all the same."""
        is_address = _is_address(host)
        if is_hostname(host) and not is_address:
            return True
        gripe = "numeric" if is_address else "malformed"
        self._warn(f"{gripe} domain name in resource data of MX record for {domain}: {host}")
        return is_address

    def addresses(self, name: str, *, deadline: float | None = None) -> tuple[str, ...]:
        """Return the addresses of the protocols that we speak."""
        found: list[str] = []
        failures: list[DnsFailure] = []
        for kind in self._types:
            try:
                answer = self.records(name, kind, deadline=deadline)
                found += [record.value for record in answer]
            except DnsFailure as failure:
                failures.append(failure)
                # RFC 2308 2.1: a name that does not exist has records of no type at all.
                if failure.kind is Kind.NOT_FOUND:
                    break
        if not found:
            # The failure that leaves most hope is the one to report.
            raise self._worth_telling(name, failures)
        return tuple(found)

    def _worth_telling(self, name: str, failures: Sequence[DnsFailure]) -> DnsFailure:
        """The failure that leaves most hope; of several such the last that was asked for."""
        best = min(reversed(failures), key=lambda failure: HOPE.index(failure.kind))
        if best.kind is Kind.NOT_FOUND and is_hostname(name):
            return DnsFailure(best.kind, name, self._types[-1])
        return best

    def a(self, name: str, *, deadline: float | None = None) -> tuple[str, ...]:
        """Return IPv4 addresses only: what DNS block lists answer with (RFC 5782 2.1)."""
        return self._values(name, "A", deadline)

    def txt(self, name: str, *, deadline: float | None = None) -> tuple[str, ...]:
        """Return texts, the strings of each joined."""
        return self._values(name, "TXT", deadline)

    def ns(self, name: str, *, deadline: float | None = None) -> tuple[str, ...]:
        """Return the names of the name servers."""
        return self._values(name, "NS", deadline)

    def ptr(self, address: str, *, deadline: float | None = None) -> tuple[str, ...]:
        """Return the names of an address."""
        return self._values(reverse_name(address), "PTR", deadline)

    def _values(self, name: str, kind: str, deadline: float | None) -> tuple[str, ...]:
        return tuple(record.value for record in self.records(name, kind, deadline=deadline))

    def _records(self, name: str, kind: str, deadline: float | None) -> tuple[Record, ...]:
        options = resolv_conf.read(self._path)
        longest = options.timeout * options.attempts * len(options.servers)
        limit = time.monotonic() + longest if deadline is None else deadline
        reply = self._ask(name, kind, options, limit)
        if reply.outcome is not dns_transport.Outcome.ANSWERED:
            raise DnsFailure(KINDS[reply.outcome], name, kind, _text(reply.outcome, name))
        return tuple(Record(kind, value, preference) for preference, value in reply.values)


def native_addresses(name: str, *, protocols: tuple[str, ...]) -> tuple[str, ...]:
    """Ask the system, /etc/hosts included (postconf(5) smtp_host_lookup = native)."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        kind = KINDS_OF_SYSTEM.get(error.errno or 0, Kind.NOT_IN_SYSTEM)
        text = f"unable to look up host {name}: {error.strerror}"
        raise DnsFailure(kind, name, "A", text) from error
    wanted = FAMILIES if "all" in protocols else protocols
    numbers = {FAMILIES[protocol] for protocol in wanted if protocol in FAMILIES}
    addresses = tuple(dict.fromkeys(str(item[4][0]) for item in found if item[0] in numbers))
    if not addresses:
        raise DnsFailure(Kind.NO_DATA, name, "A")
    return addresses


def _is_address(text: str) -> bool:
    """RFC 5321 5.1 wants a name in an MX record; an address is a mistake that works."""
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except OSError:
        return False
    return True


def _text(outcome: dns_transport.Outcome, name: str) -> str:
    return f"Name server loop for {name}" if outcome is dns_transport.Outcome.LOOP else ""


def reverse_name(address: str) -> str:
    """Name where the PTR records of an address are (RFC 1035 3.5, RFC 3596 2.5)."""
    if ":" not in address:
        return f"{'.'.join(reversed(address.split('.')))}.in-addr.arpa"
    digits = socket.inet_pton(socket.AF_INET6, address).hex()
    return f"{'.'.join(reversed(digits))}.ip6.arpa"


ADDRESS_TYPES: Final[Mapping[str, str]] = {"ipv4": "A", "ipv6": "AAAA"}
FAMILIES: Final[Mapping[str, int]] = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
# The kinds, that which leaves most hope first.
HOPE: Final = (
    Kind.TRY_AGAIN,
    Kind.FILTERED,
    Kind.MALFORMED,
    Kind.NO_DATA,
    Kind.ALIAS_LOOP,
    Kind.NOT_FOUND,
    Kind.NOT_IN_SYSTEM,
    Kind.NULL_MX,
)
KINDS_OF_SYSTEM: Final[Mapping[int, Kind]] = {
    socket.EAI_AGAIN: Kind.TRY_AGAIN,
    socket.EAI_FAIL: Kind.TRY_AGAIN,
    socket.EAI_NONAME: Kind.NOT_FOUND,
}
KINDS: Final[Mapping[dns_transport.Outcome, Kind]] = {
    dns_transport.Outcome.NO_SUCH_NAME: Kind.NOT_FOUND,
    dns_transport.Outcome.NO_RECORDS: Kind.NO_DATA,
    dns_transport.Outcome.NO_REPLY: Kind.TRY_AGAIN,
    dns_transport.Outcome.SERVER_FAILED: Kind.TRY_AGAIN,
    dns_transport.Outcome.MALFORMED: Kind.MALFORMED,
    dns_transport.Outcome.LOOP: Kind.ALIAS_LOOP,
}
