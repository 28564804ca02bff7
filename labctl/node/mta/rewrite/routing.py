"""Routing that a sender wrote into a local part: user%host@our.domain is mail for user@host.

INPUT AND OUTPUT
    ``Routing(config, domains).strip(recipient)`` takes @domain off while it is ours and
    something else remains to say where the mail goes.  Addresses are in internal form.

WHY OTHERS' OPERATORS MATTER
    Mail for "a@b.test"@our.domain would go to b.test in the end: whoever decides about
    relaying must see that address, and not the one in quotes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services.rewrite import ResolveFlag
from labctl.node.mta.rewrite.domains import Domains, is_address
from labctl.node.mta.rewrite.standard import local_rules, standard_form
from labctl.node.wire.addresses import internal, is_dot_atom

MAX_ROUTES: Final = 100


class Routed(NamedTuple):
    """An address whose domain is foreign, or whose local part has no routing left."""

    address: str
    flags: ResolveFlag


class Routing:
    """What main.cf says about operators in local parts."""

    def __init__(self, config: Config, domains: Domains) -> None:
        self._domains = domains
        self._rules = local_rules(config)
        self._nobody = config.text("empty_address_recipient")
        self._hostname = config.text("myhostname")
        self._strips_at = config.flag("resolve_null_domain")
        self._cracks_quotes = config.flag("resolve_dequoted_address")
        self._takes_numbers = config.flag("resolve_numeric_domain")

    def strip(self, recipient: str) -> Routed:
        """One layer after the other."""
        flags, address = ResolveFlag.NONE, recipient
        saved = self._hostname
        for _ in range(MAX_ROUTES):
            local, at, domain = _without_trailing_dot(address).rpartition("@")
            if at and not domain and self._strips_at:
                address = local
                continue
            if at and self._takes_numbers and is_address(domain):
                domain = f"[{domain}]"
            if at and not (domain and self._domains.is_local(domain)):
                return Routed(f"{local}@{domain}", flags)
            address = local if at else domain
            saved = domain if at else saved
            if not self._has_routing(address):
                break
            address = internal(standard_form(address, self._rules))
            flags |= ResolveFlag.ROUTED
        return Routed(f"{address or self._nobody}@{saved}", flags)

    def _has_routing(self, local: str) -> bool:
        if not self._cracks_quotes and not is_dot_atom(local):
            return False
        if "@" in local:
            return True
        if self._rules.swap_bangpath and "!" in local:
            return True
        return self._rules.percent_hack and "%" in local


def _without_trailing_dot(address: str) -> str:
    if address.endswith(".") and "@" in address and not address.endswith(".."):
        return address[:-1]
    return address
