"""How names become addresses: DNS, the system's own lookup, or both in turn.

postconf(5) smtp_host_lookup, smtp_dns_support_level, disable_dns_lookups,
ignore_mx_lookup_error, smtp_dns_reply_filter.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.dns import resolver as dns
from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx, Resolver


class Lookup(NamedTuple):
    """The ways of one client to find a host."""

    resolver: Resolver
    methods: tuple[str, ...]
    protocols: tuple[str, ...]
    warn: Callable[[str], None]
    asks_dns: bool = True
    ignores_mx_errors: bool = False

    @classmethod
    def of(
        cls, config: Config, prefix: str, resolver: Resolver, warn: Callable[[str], None]
    ) -> Lookup:
        asks_dns = not (
            config.text(f"{prefix}_dns_support_level") == "disabled"
            or config.flag("disable_dns_lookups")
        )
        return cls(
            resolver,
            _methods(config.words(f"{prefix}_host_lookup")) if asks_dns else ("native",),
            config.words("inet_protocols"),
            warn,
            asks_dns,
            config.flag("ignore_mx_lookup_error"),
        )

    def mx(self, domain: str) -> Sequence[Mx] | None:
        """The MX records; None where there are none, and the name itself is the host."""
        if not self.asks_dns:
            return None
        try:
            return self.resolver.mx(domain)
        except DnsFailure as failure:
            self._tell(failure)
            if failure.exists_not or (self.ignores_mx_errors and failure.is_temporary):
                return None
            raise

    def addresses(self, name: str) -> Sequence[str]:
        """Each method in turn, until one knows the name.  Raises DnsFailure."""
        if is_literal(name) and self._speaks(name):
            return (name,)
        failure: DnsFailure | None = None
        for method in self.methods:
            try:
                if method == "native":
                    return dns.native_addresses(name, protocols=self.protocols)
                return self.resolver.addresses(name)
            except DnsFailure as nothing:
                failure = nothing
                self._tell(failure)
        assert failure is not None
        raise failure

    def _tell(self, failure: DnsFailure) -> None:
        if failure.kind is Kind.ALIAS_LOOP:
            self.warn(f"dns_lookup: {failure.text}")

    def _speaks(self, address: str) -> bool:
        wanted = "ipv6" if ":" in address else "ipv4"
        return wanted in self.protocols or "all" in self.protocols


def _methods(words: Sequence[str]) -> tuple[str, ...]:
    """Name servers first, in whichever order main.cf names the two."""
    return tuple(method for method in ("dns", "native") if method in words)


def is_literal(name: str) -> bool:
    """Whether the name is an address, which nobody needs to look up."""
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    try:
        socket.inet_pton(family, name)
    except OSError:
        return False
    return True
