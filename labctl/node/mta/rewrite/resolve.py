"""Where a recipient goes: its class, then transport and next hop, then what tables override.

INPUT AND OUTPUT
    ``Resolver(config, log).resolve(sender, recipient)`` -> Resolved.  Recipients are in
    internal form.  A table that fails sets FAIL: the mail waits.

ORDER (trivial-rewrite(8), transport(5), relocated(5))
    strip @domain while it is ours and routing remains; class of the domain; its transport;
    relayhost; transport_maps; relocated_maps.
"""

from __future__ import annotations

import contextlib
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.rewrite import literals, transport_table
from labctl.node.mta.rewrite.domains import Domains, TableFailure, is_valid_domain, reading
from labctl.node.mta.rewrite.routing import Routing


class Names(NamedTuple):
    """The parameters of one kind of question: for mail, or for address probes."""

    local: str = "local_transport"
    virtual: str = "virtual_transport"
    relay: str = "relay_transport"
    default: str = "default_transport"
    relayhost: str = "relayhost"
    transport_maps: str = "transport_maps"
    sender_relayhost: str = "sender_dependent_relayhost_maps"
    sender_transport: str = "sender_dependent_default_transport_maps"


MAIL: Final = Names()
# postconf(5) address_verify_*: probes may go other ways than mail.
VERIFY: Final = Names(*(f"address_verify_{name}" for name in MAIL))


class Resolver:
    """The tables of main.cf, opened once."""

    def __init__(self, config: Config, log: Log) -> None:
        self._config = config
        self._log = log
        self._domains = Domains(config)
        self._routing = Routing(config, self._domains)

    def resolve(self, sender: str, recipient: str, names: Names = MAIL) -> Resolved:
        """The route of one recipient."""
        try:
            return self._resolve(sender, recipient, names)
        except TableFailure as failure:
            self._log.warning(f"{failure.name} lookup failure")
            return Resolved("retry", "4.3.0 table lookup problem", recipient, ResolveFlag.FAIL)

    def _resolve(self, sender: str, recipient: str, names: Names) -> Resolved:
        routed = self._routing.strip(recipient or self._config.text(EMPTY))
        address, flags = routed.address, routed.flags
        user, _, domain = address.rpartition("@")
        domain = domain.lower()
        if self._domains.is_local(domain):
            flags |= ResolveFlag.LOCAL
            transport, nexthop = self._config.text(names.local), domain
        else:
            flags |= self._remote_flags(user, domain)
            transport, nexthop = self._default_route(sender, domain, flags, names)
        self._warn_of_conflicts(domain)
        # postconf(5) allow_min_user: a name that begins with a hyphen is an option to somebody.
        if address.startswith("-") and not self._config.flag("allow_min_user"):
            flags |= ResolveFlag.ERROR
        transport, nexthop = _split_destination(transport, nexthop)
        transport, nexthop = self._override(address, domain, transport, nexthop, names)
        return Resolved(transport, nexthop, address, flags)

    def _remote_flags(self, user: str, domain: str) -> ResolveFlag:
        flags = self._domains.class_of(domain)
        # Ours or not: the next host may obey routing operators that we would not.
        if any(operator in user for operator in "@!%"):
            flags |= ResolveFlag.ROUTED
        if not is_valid_domain(domain):
            flags |= ResolveFlag.ERROR
            if domain.startswith("[") and (why := literals.complaint(domain)):
                self._log.warning(why)
        return flags

    def _default_route(
        self, sender: str, domain: str, flags: ResolveFlag, names: Names
    ) -> tuple[str, str]:
        text = self._config.text
        if flags & ResolveFlag.ALIAS:
            show = self._config.flag("show_user_unknown_table_name")
            return "error", "5.1.1 User unknown" + (" in virtual alias table" if show else "")
        if flags & ResolveFlag.VIRTUAL:
            return text(names.virtual), domain
        if flags & ResolveFlag.RELAY:
            transport = text(names.relay)
        else:
            transport = self._by_sender(names.sender_transport, sender) or text(names.default)
        return transport, self._relayhost(sender, names) or domain

    def _relayhost(self, sender: str, names: Names) -> str:
        return self._by_sender(names.sender_relayhost, sender) or self._config.text(
            names.relayhost
        )

    def _by_sender(self, name: str, sender: str) -> str:
        """A sender-dependent table; DUNNO says that it has no opinion."""
        maps = maps_of(self._config, name)
        if not maps:
            return ""
        key = sender or self._config.text(EMPTY_KEYS[name.removeprefix("address_verify_")])
        with reading(name):
            found = maps.lookup_address(key, self._config, user_key=self._is_ours(key))
        return "" if found is None or found[0].upper() == "DUNNO" else found[0]

    def _is_ours(self, address: str) -> bool:
        domain = address.rpartition("@")[2].lower()
        origin = self._config.text("myorigin").lower()
        return domain == origin or self._domains.is_local(domain)

    def _override(
        self, address: str, domain: str, transport: str, nexthop: str, names: Names
    ) -> tuple[str, str]:
        table = maps_of(self._config, names.transport_maps)
        if table:
            with reading(names.transport_maps):
                entry = transport_table.find(table, address, self._config)
            if entry is not None:
                transport, nexthop = transport_table.apply(entry, domain, transport, nexthop)
        relocated = maps_of(self._config, "relocated_maps")
        if relocated:
            with reading("relocated_maps"):
                moved = relocated.lookup_address(
                    address, self._config, user_key=self._is_ours(address)
                )
            if moved is not None:
                return "error", f"5.1.6 User has moved to {moved[0]}"
        return transport, nexthop

    def _warn_of_conflicts(self, domain: str) -> None:
        if not self._config.flag("helpful_warnings"):
            return
        # A table that fails here decides nothing: the address has its class already.
        with contextlib.suppress(TableFailure):
            for first, second in self._domains.conflicts(domain):
                self._log.warning(f"do not list domain {domain} in BOTH {first} and {second}")


def _split_destination(transport: str, nexthop: str) -> tuple[str, str]:
    """postconf(5): a transport setting may name its own next hop."""
    name, _, destination = transport.partition(":")
    return name, destination or nexthop


EMPTY: Final = "empty_address_recipient"
EMPTY_KEYS: Final = {
    "sender_dependent_relayhost_maps": "empty_address_relayhost_maps_lookup_key",
    "sender_dependent_default_transport_maps": (
        "empty_address_default_transport_maps_lookup_key"
    ),
}
