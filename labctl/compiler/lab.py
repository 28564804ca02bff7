"""A topology together with its addresses, and the questions that all passes ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labctl.compiler.addressing import Addressing
from labctl.topology.models import NodeSpec, Topology
from labctl.topology.words import Role


# Compared by identity, so that what a lab answers can be remembered.
@dataclass(frozen=True, slots=True, eq=False)
class Lab:
    """The topology with its addresses, and where the mail of each domain ends."""

    topology: Topology
    addressing: Addressing
    homes: Mapping[str, str]  # every mail domain, and the node where its mail ends

    def spec(self, node: str) -> NodeSpec:
        """What the author wrote about a node."""
        return self.topology.nodes[node]

    def hostname(self, node: str) -> str:
        return self.spec(node).hostname

    def address(self, node: str) -> str:
        """The address of a node's host name in the DNS."""
        return self.addressing.interfaces[node][0].address

    def addresses(self, node: str) -> tuple[str, ...]:
        return tuple(one.address for one in self.addressing.interfaces[node])

    def address_seen_from(self, node: str, target: str) -> str:
        """The address of ``target`` on a network that both are on; its first one otherwise."""
        here = {one.network for one in self.addressing.interfaces[node]}
        for interface in self.addressing.interfaces[target]:
            if interface.network in here:
                return interface.address
        return self.address(target)

    def reach(self, node: str, other: str) -> bool:
        """Whether two nodes share a network; nothing leads from one network to another."""
        here = {one.network for one in self.addressing.interfaces[node]}
        return any(one.network in here for one in self.addressing.interfaces[other])

    def with_role(self, *roles: Role) -> Iterator[str]:
        """The nodes that have one of these roles."""
        return (name for name, spec in self.topology.nodes.items() if spec.role in roles)

    def node_called(self, hostname: str) -> str | None:
        """The node with this host name."""
        for name, spec in self.topology.nodes.items():
            if spec.hostname == hostname.lower():
                return name
        return None

    def backups(self, domain: str) -> tuple[str, ...]:
        """The backup mail exchangers of a domain, best first."""
        nodes = self.topology.nodes.items()
        return tuple(name for name, spec in nodes if domain in spec.backup_for)

    def exchangers(self, domain: str) -> tuple[tuple[int, str], ...]:
        """The MX list: preference and node."""
        home = self.homes[domain]
        backups = enumerate(self.backups(domain), start=2)
        return (10, home), *((10 * number, node) for number, node in backups)

    def clients_of(self, node: str) -> tuple[str, ...]:
        """The nodes that give their outgoing mail to this one."""
        return tuple(n for n, spec in self.topology.nodes.items() if spec.relay == node)


def make_lab(topology: Topology, addressing: Addressing) -> Lab:
    """Put a topology and its addresses together."""
    homes = {
        domain: name for name, spec in topology.nodes.items() for domain in domains_at(spec)
    }
    return Lab(topology, addressing, homes)


def domains_at(spec: NodeSpec) -> tuple[str, ...]:
    """The domains whose home a node is, of all classes."""
    return (*spec.domains, *spec.virtual_domains, *spec.alias_domains)
