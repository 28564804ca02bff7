"""smtp_generic_maps: addresses that mean something only here become ones that the world knows.

generic(5): the envelope and the address headers of mail that leaves by SMTP; mail that stays
is not touched.
"""

from __future__ import annotations

from collections.abc import Callable

from labctl.node.mta.lib.config.address_parts import split_address
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.maps.match_list import domain_list
from labctl.node.wire import addresses, header_addresses, headers
from labctl.node.wire.headers import Kind

Change = Callable[[str], str]


def mapping(config: Config, prefix: str) -> Change | None:
    """What to do with an address in internal form; None when there is no table."""
    tables = maps_of(config, f"{prefix}_generic_maps")
    if not tables:
        return None
    ours = domain_list(config, "mydestination")
    origin = config.text("myorigin").lower()
    propagate = "generic" in config.words("propagate_unmatched_extensions")

    def change(address: str) -> str:
        local, domain = split_address(address)
        if not address:
            return address
        is_ours = domain.lower() == origin or domain in ours
        found = tables.lookup_address(address, config, user_key=is_ours)
        if found is None:
            return address
        value, extension = found
        if value.startswith("@"):
            return local + value
        user, _, where = _complete(addresses.internal(value), origin).rpartition("@")
        return f"{user}{extension if propagate else ''}@{where}"

    return change


def rewrite_header(header: bytes, change: Change) -> bytes:
    """The header with its addresses changed; others pass as they are."""
    kind = headers.KNOWN.get(headers.name(header), Kind.NONE)
    if not kind & (Kind.SENDER | Kind.RECIPIENT):
        return header
    text = header.decode("utf-8", "surrogateescape")
    name, _, value = text.partition(":")
    tokens = header_addresses.parse(value)
    changed = header_addresses.rewrite(tokens, lambda written: _change_written(written, change))
    if changed == tokens:
        return header
    lines = header_addresses.fold(f"{name}: {header_addresses.unparse(changed)}")
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _change_written(written: str, change: Change) -> str:
    return addresses.external(change(addresses.internal(written)))


def _complete(address: str, origin: str) -> str:
    return address if "@" in address else f"{address}@{origin}"
