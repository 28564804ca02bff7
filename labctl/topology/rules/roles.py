"""Roles: what each needs from its node, and from the nodes around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from labctl.topology.models import NodeSpec, Topology
from labctl.topology.problems import Problem, unknown_name
from labctl.topology.source import Source
from labctl.topology.words import Role

WITHOUT_MTA: Final = frozenset({Role.DNS, Role.CLIENT})


class Need(NamedTuple):
    """What a role cannot do without."""

    field: str
    example: str


# What makes no sense without it.
NEEDS: Final = {
    Role.PRIMARY: Need("domains", "domains: [example.test]"),
    Role.NULL_CLIENT: Need("relay", "relay: NODE"),
    Role.BACKUP_MX: Need("backup_for", "backup_for: [example.test]"),
    Role.VIRTUAL_HOST: Need("virtual_domains", "virtual_domains: {example.test: [info]}"),
}

# What only a mail server can have.
OF_MAIL_SERVERS: Final = (
    "domains",
    "backup_for",
    "virtual_domains",
    "alias_domains",
    "aliases",
    "protocols",
    "postfix",
    "master",
    "maps",
)
OF_FINAL_SERVERS: Final = ("domains", "virtual_domains", "alias_domains", "users", "protocols")

OUT_OF_PLACE: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.DNS: (*OF_MAIL_SERVERS, "relay"),
    Role.CLIENT: OF_MAIL_SERVERS,
    Role.NULL_CLIENT: OF_FINAL_SERVERS,
}


def a_name_server_is_there(topology: Topology, source: Source) -> Iterator[Problem]:
    """Mail without MX records goes nowhere."""
    if not any(node.role is Role.DNS for node in topology.nodes.values()):
        hint = "Add one: 'ns: {role: dns, hostname: ns.example.test}'."
        yield Problem(source.place(("nodes",), key=True), "no node has the role 'dns'", hint)


def roles_have_what_they_need(topology: Topology, source: Source) -> Iterator[Problem]:
    """A null client without a relay cannot send; a DNS server has no mail settings."""
    for name, node in topology.nodes.items():
        need = NEEDS.get(node.role)
        if need and not getattr(node, need.field):
            place = source.place(("nodes", name, "role"))
            what = f"a {node.role} needs {need.field!r}"
            yield Problem(place, what, f"For example: '{need.example}'.")
        for field in _out_of_place(node):
            place = source.place(("nodes", name, field), key=True)
            yield Problem(place, f"a node with the role {node.role.value!r} has no {field!r}")


def only_name_servers_have_zones(topology: Topology, source: Source) -> Iterator[Problem]:
    """Records that nobody serves would be lost in silence."""
    for name, node in topology.nodes.items():
        if node.zones and node.role is not Role.DNS:
            hint = "Move it to the node with the role 'dns'."
            place = source.place(("nodes", name, "zones"), key=True)
            yield Problem(place, "only a name server has zones", hint)


def relays_exist(topology: Topology, source: Source) -> Iterator[Problem]:
    """Whatever takes mail for others is a node of this file that runs an MTA."""
    for name, node in topology.nodes.items():
        if node.relay is None:
            continue
        place = source.place(("nodes", name, "relay"))
        target = topology.nodes.get(node.relay)
        if target is None:
            others = topology.nodes.keys() - {name}
            yield unknown_name(place, "node", node.relay, others)
        elif node.relay != name and target.role in WITHOUT_MTA:
            yield Problem(
                place, f"{node.relay!r} has the role {target.role.value!r}: it takes no mail"
            )


def relays_do_not_go_in_circles(topology: Topology, source: Source) -> Iterator[Problem]:
    """Mail would go round until it has too many hops."""
    for name in topology.nodes:
        way = [name]
        while (hop := topology.nodes[way[-1]].relay) in topology.nodes and hop not in way:
            way.append(hop)
        # Said once, at the node of the circle that comes first in the file.
        if hop == name and name == min(way, key=list(topology.nodes).index):
            place = source.place(("nodes", name, "relay"))
            yield Problem(place, f"mail goes in a circle: {' -> '.join([*way, name])}")


def _out_of_place(node: NodeSpec) -> Iterator[str]:
    for field in OUT_OF_PLACE.get(node.role, ()):
        if getattr(node, field):
            yield field
