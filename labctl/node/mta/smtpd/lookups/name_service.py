"""What restrictions ask the domain name system, in their own terms.

FAILURES
    ``DnsFailure`` says whether asking again could help.
"""

from __future__ import annotations

from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx, Resolver


class NameService:
    """Questions to one resolver."""

    def __init__(self, resolver: Resolver, of_any_protocol: Resolver | None = None) -> None:
        """Whether a host exists does not depend on the protocols that we speak."""
        self._resolver = resolver
        self._of_any_protocol = of_any_protocol or resolver

    def exchangers(self, domain: str) -> tuple[Mx, ...]:
        """The mail exchangers, best first."""
        return self._resolver.mx(domain)

    def addresses_of(self, host: str) -> tuple[str, ...]:
        """All addresses of a host."""
        return self._resolver.addresses(host)

    def takes_mail(self, domain: str) -> bool:
        """Whether mail could be sent there; False means that it refuses all (RFC 7505)."""
        try:
            self.exchangers(domain)
        except DnsFailure as failure:
            if failure.kind is Kind.NULL_MX:
                return False
            if failure.is_temporary:
                raise
            # RFC 5321 5.1: without an MX the address of the domain itself is the exchanger.
            self._of_any_protocol.addresses(domain)
        return True

    def check_host(self, name: str) -> None:
        """Raise unless the name has an address or an exchanger."""
        try:
            self._of_any_protocol.addresses(name)
        except DnsFailure as failure:
            if failure.is_temporary:
                raise
            self._exchangers_or_none(name)

    def _exchangers_or_none(self, name: str) -> None:
        try:
            self.exchangers(name)
        except DnsFailure as failure:
            # RFC 7505 3: such a domain exists.
            if failure.kind is not Kind.NULL_MX:
                raise

    def name_servers(self, domain: str) -> tuple[str, ...]:
        """The name servers of the nearest zone above; the failure names what was asked last."""
        while True:
            try:
                return self._resolver.ns(domain)
            except DnsFailure as failure:
                parent = domain.partition(".")[2]
                if failure.is_temporary or not parent:
                    raise
                domain = parent

    def listing(self, name: str) -> tuple[str, ...]:
        """The IPv4 answers of a block list."""
        return self._resolver.a(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of a block list."""
        return self._resolver.txt(name)
