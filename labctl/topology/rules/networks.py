"""Networks and addresses: everything has a place, and no two things the same one."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from labctl.topology.models import Topology
from labctl.topology.problems import Problem, unknown_name
from labctl.topology.source import Source


def subnets_are_separate(topology: Topology, source: Source) -> Iterator[Problem]:
    """Two networks that overlap would share addresses."""
    given = [(name, spec.subnet) for name, spec in topology.networks.items() if spec.subnet]
    for index, (name, subnet) in enumerate(given):
        place = source.place(("networks", name))
        for other, taken in given[:index]:
            if subnet.overlaps(taken):
                yield Problem(place, f"{subnet} overlaps {taken} of network {other!r}")
        if subnet.prefixlen > 29:
            hint = "Use a prefix of 29 or less, such as 198.18.0.0/24."
            yield Problem(place, f"{subnet} has no room for nodes", hint)


def networks_exist(topology: Topology, source: Source) -> Iterator[Problem]:
    """A node can only be on a network of this file."""
    for name, node in topology.nodes.items():
        for network in node.networks:
            if network not in topology.networks:
                place = source.place(("nodes", name, "networks", network), key=True)
                yield unknown_name(place, "network", network, topology.networks)


def addresses_are_in_their_network(topology: Topology, source: Source) -> Iterator[Problem]:
    """An address outside of its network would reach nobody."""
    for name, node in topology.nodes.items():
        for network, address in node.networks.items():
            spec = topology.networks.get(network)
            if address is None or spec is None:
                continue
            place = source.place(("nodes", name, "networks", network))
            if spec.subnet is None:
                hint = f"Give network {network!r} a subnet that contains {address}."
                yield Problem(
                    place, f"an address needs a network with a subnet: {address}", hint
                )
            elif address not in spec.subnet:
                yield Problem(place, f"{address} is outside of {spec.subnet}")
            elif address in _kept(spec.subnet.network_address, spec.subnet.broadcast_address):
                hint = "The first address is the bridge's, the last one is for broadcasts."
                yield Problem(place, f"{address} cannot be given to a node", hint)


def addresses_are_unique(topology: Topology, source: Source) -> Iterator[Problem]:
    """Two nodes with one address would answer in turn."""
    holders: dict[IPv4Address, str] = {}
    for name, node in topology.nodes.items():
        for network, address in node.networks.items():
            if address is None:
                continue
            holder = holders.setdefault(address, name)
            if holder != name:
                place = source.place(("nodes", name, "networks", network))
                yield Problem(place, f"{address} is already the address of {holder!r}")


def _kept(first: IPv4Address, last: IPv4Address) -> tuple[IPv4Address, ...]:
    return first, first + 1, last
