"""Who has which address: subnets for networks, addresses for nodes.

DEFAULTS
    Subnets are the /24s of 198.18.0.0/15, which RFC 2544 keeps for laboratories and no
    real network uses. Name servers get .2 and up, all others .10 and up, in the order of
    the file: the same file always gives the same addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final, NamedTuple

from labctl.compiler.plan import Interface, Network
from labctl.errors import ExitCode, LabError
from labctl.topology.models import NodeSpec, Topology
from labctl.topology.words import Role

LABORATORY: Final = IPv4Network("198.18.0.0/15")
FIRST_NAME_SERVER: Final = 2
FIRST_NODE: Final = 10


@dataclass(frozen=True, slots=True)
class Addressing:
    """Literal addresses of everything in a lab."""

    networks: tuple[Network, ...]
    interfaces: Mapping[str, tuple[Interface, ...]]


class Surroundings(NamedTuple):
    """What a default subnet has to mind: what others have, and what this lab has already."""

    taken: Sequence[IPv4Network] = ()
    held: Mapping[str, IPv4Network] = {}


NOWHERE: Final = Surroundings()


def surroundings(taken: Iterable[str], held: Mapping[str, str]) -> Surroundings:
    """Make it of subnets as engines tell them, and of the names of this lab's networks."""
    own = {name: IPv4Network(subnet) for name, subnet in held.items()}
    return Surroundings([IPv4Network(subnet) for subnet in taken], own)


def assign(topology: Topology, surroundings: Surroundings = NOWHERE) -> Addressing:
    """Give every network a subnet and every node its addresses."""
    subnets = _subnets(topology, surroundings)
    holders = _addresses(topology, subnets)
    interfaces = {
        node: tuple(
            Interface(network, str(holders[network, node]), subnets[network].prefixlen)
            for network in networks_of(topology, spec)
        )
        for node, spec in topology.nodes.items()
    }
    networks = tuple(Network(name, str(subnet)) for name, subnet in subnets.items())
    return Addressing(networks, interfaces)


def networks_of(topology: Topology, node: NodeSpec) -> tuple[str, ...]:
    """The networks of a node: those that it names, or the first of the file."""
    return tuple(node.networks) or (next(iter(topology.networks)),)


def _subnets(topology: Topology, surroundings: Surroundings) -> dict[str, IPv4Network]:
    given = {name: one.subnet for name, one in topology.networks.items() if one.subnet}
    # A lab that runs stays where it is: another subnet would cost all its nodes.
    kept = {
        name: subnet
        for name, subnet in surroundings.held.items()
        if name in topology.networks
        and name not in given
        and not any(subnet.overlaps(other) for other in given.values())
    }
    used = (*given.values(), *kept.values(), *surroundings.taken)
    free = (
        subnet
        for subnet in LABORATORY.subnets(new_prefix=24)
        if not any(subnet.overlaps(other) for other in used)
    )
    settled = given | kept
    return {name: settled.get(name) or next(free) for name in topology.networks}


def _addresses(
    topology: Topology, subnets: Mapping[str, IPv4Network]
) -> dict[tuple[str, str], IPv4Address]:
    """Addresses that are written down first, so that no default can take one of them."""
    holders: dict[tuple[str, str], IPv4Address] = {}
    for network, subnet in subnets.items():
        members = [n for n, s in topology.nodes.items() if network in networks_of(topology, s)]
        for node in members:
            if address := topology.nodes[node].networks.get(network):
                holders[network, node] = address
        used = {address for (name, _), address in holders.items() if name == network}
        for role_first, nodes in _by_first_number(topology, members):
            free = _free(subnet, role_first, used)
            for node in nodes:
                if (network, node) not in holders:
                    holders[network, node] = _next(free, network, subnet)
                    used.add(holders[network, node])
    return holders


def _by_first_number(
    topology: Topology, members: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    servers = [node for node in members if topology.nodes[node].role is Role.DNS]
    yield FIRST_NAME_SERVER, servers
    yield FIRST_NODE, [node for node in members if node not in servers]


def _free(subnet: IPv4Network, first: int, used: set[IPv4Address]) -> Iterator[IPv4Address]:
    """Free addresses from number ``first`` on; in a small subnet, from its beginning."""
    size = subnet.num_addresses
    numbers = (*range(first, size - 1), *range(FIRST_NAME_SERVER, min(first, size - 1)))
    for number in numbers:
        address = subnet.network_address + number
        if address not in used:
            yield address


def _next(free: Iterator[IPv4Address], network: str, subnet: IPv4Network) -> IPv4Address:
    address = next(free, None)
    if address is None:
        raise LabError(
            f"network {network!r} is full: {subnet} has no address left",
            hint="Give it a larger subnet, or spread the nodes over several networks.",
            exit_code=ExitCode.USAGE,
        )
    return address
