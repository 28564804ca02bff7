"""The DNS as every node must see it: zones, addresses, the way back, MX, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from labctl.compiler.expected import (
    HostAddress,
    MailExchanger,
    Mx,
    NxDomain,
    Ptr,
    Zone,
)
from labctl.compiler.lab import Lab
from labctl.compiler.zones import explicit_types, forward_zones, zone_of, zones
from labctl.topology.words import Role

# A name that exists in the world outside; RFC 2606 keeps it for such uses.
OUTSIDE: Final = "www.example.com"


def zones_are_served(lab: Lab) -> Iterator[Zone]:
    """Each server has each zone, forward and reverse."""
    servers = tuple(lab.with_role(Role.DNS))
    for server in servers:
        suffix = f"@{server}" if len(servers) > 1 else ""
        for zone in zones(lab):
            if zone.name:
                yield Zone(
                    id=f"dns.zone.{zone.name}{suffix}",
                    needs=(f"process.{server}.named",),
                    zone=zone.name,
                    server=lab.address(server),
                    nodes=_askers(lab, server),
                )


def hosts_have_addresses(lab: Lab) -> Iterator[HostAddress]:
    """Each host name has the addresses of its node."""
    for node, spec in lab.topology.nodes.items():
        if "A" not in explicit_types(lab, spec.hostname):
            yield HostAddress(
                id=f"dns.address.{spec.hostname}",
                needs=needs_zone(lab, spec.hostname),
                host=spec.hostname,
                addresses=lab.addresses(node),
                nodes=_all_askers(lab),
            )


def addresses_have_names(lab: Lab) -> Iterator[Ptr]:
    """Mail servers check that an address leads to a name."""
    for node, spec in lab.topology.nodes.items():
        for address in lab.addresses(node):
            yield Ptr(
                id=f"dns.ptr.{address}",
                needs=tuple(f"process.{server}.named" for server in lab.with_role(Role.DNS)),
                address=address,
                host=spec.hostname,
                nodes=_all_askers(lab),
            )


def domains_have_exchangers(lab: Lab) -> Iterator[Mx]:
    """The MX list of every domain."""
    for domain in lab.homes:
        if "MX" not in explicit_types(lab, domain):
            yield Mx(
                id=f"dns.mx.{domain}",
                needs=needs_zone(lab, domain),
                domain=domain,
                exchangers=tuple(
                    MailExchanger(
                        preference=preference,
                        host=lab.hostname(node),
                        address=lab.address(node),
                    )
                    for preference, node in lab.exchangers(domain)
                ),
                nodes=_all_askers(lab),
            )


def the_root_is_closed(lab: Lab) -> Iterator[NxDomain]:
    """The world outside does not exist."""
    yield NxDomain(
        id="dns.closed-root",
        needs=tuple(f"process.{server}.named" for server in lab.with_role(Role.DNS)),
        name=OUTSIDE,
        nodes=_all_askers(lab),
    )


def needs_zone(lab: Lab, name: str) -> tuple[str, ...]:
    """The checks without which nothing can be said about ``name``."""
    servers = tuple(lab.with_role(Role.DNS))
    zone = zone_of(name, forward_zones(lab))
    suffixes = [f"@{server}" for server in servers] if len(servers) > 1 else [""]
    return tuple(f"dns.zone.{zone}{suffix}" for suffix in suffixes)


def _askers(lab: Lab, server: str) -> tuple[str, ...]:
    return tuple(node for node in lab.topology.nodes if lab.reach(node, server))


def _all_askers(lab: Lab) -> tuple[str, ...]:
    servers = tuple(lab.with_role(Role.DNS))
    return tuple(
        node for node in lab.topology.nodes if any(lab.reach(node, one) for one in servers)
    )
