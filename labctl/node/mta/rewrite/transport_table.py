"""transport(5): the table that overrides transport and next hop."""

from __future__ import annotations

from collections.abc import Iterator

from labctl.node.mta.lib.config.address_parts import strip_extension
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import MapError, Maps

UNDELIVERABLE = "Address is undeliverable"


def find(maps: Maps, address: str, config: Config) -> str | None:
    """The first entry: user+ext@domain, user@domain, domain, .parents, and last ``*``."""
    wildcard, trouble = _wildcard(maps)
    for key, partial in _keys(address, config):
        value = maps.lookup(key, partial=partial)
        if value is not None:
            return value
    if trouble is not None:
        raise trouble
    return wildcard


def _wildcard(maps: Maps) -> tuple[str | None, MapError | None]:
    """What ``*`` says, asked before anything else; that it fails counts when it is needed."""
    try:
        return maps.lookup("*"), None
    except MapError as error:
        return None, error


def apply(entry: str, domain: str, transport: str, nexthop: str) -> tuple[str, str]:
    """What an entry ``transport:nexthop`` makes of the default route."""
    new_transport, _, new_nexthop = entry.partition(":")
    if not new_transport:
        # A null transport leaves the transport alone; nothing at all changes nothing.
        return transport, new_nexthop or nexthop
    if new_nexthop:
        return new_transport, new_nexthop
    if new_transport in ("error", "retry"):
        return new_transport, UNDELIVERABLE
    return new_transport, domain


def _keys(address: str, config: Config) -> Iterator[tuple[str, bool]]:
    yield address, False
    bare, extension = strip_extension(address, config.text("recipient_delimiter"))
    if extension:
        yield bare, True
    domain = address.rpartition("@")[2]
    yield domain, True
    # postconf(5) parent_domain_matches_subdomains: with it parents need no leading dot.
    dotless = "transport_maps" in config.words("parent_domain_matches_subdomains")
    parent = domain
    while "." in parent and not domain.startswith("["):
        parent = parent.partition(".")[2]
        yield (parent if dotless else f".{parent}"), True
