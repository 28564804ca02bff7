"""Domains: one home each, backups behind a primary, aliases that lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from labctl.topology.models import NodeSpec, Topology
from labctl.topology.problems import Place, Problem, suggest, unknown_name
from labctl.topology.source import Source

# Names that every mail server has, as accounts or in /etc/aliases.
STANDARD_NAMES: Final = ("root", "postmaster", "abuse", "nobody", "mail")


def a_domain_has_one_home(topology: Topology, source: Source) -> Iterator[Problem]:
    """A domain that two nodes (or two classes of one node) claim has no clear mailbox."""
    holders: dict[str, tuple[str, str]] = {}
    for name, node in topology.nodes.items():
        for field, domain, part in _homes(node):
            holder = holders.setdefault(domain, (name, field))
            if holder != (name, field):
                place = source.place(("nodes", name, field, part), key=field != "domains")
                what = f"{domain!r} already has its home in nodes.{holder[0]}.{holder[1]}"
                yield Problem(place, what, "Another mail exchanger is a 'backup_for'.")


def backups_stand_behind_a_primary(topology: Topology, source: Source) -> Iterator[Problem]:
    """A backup of itself, or of nobody, would be the end of an MX loop."""
    homes: dict[str, str] = {}
    for name, node in topology.nodes.items():
        for _, domain, _ in _homes(node):
            homes.setdefault(domain, name)
    for name, node in topology.nodes.items():
        for index, domain in enumerate(node.backup_for):
            place = source.place(("nodes", name, "backup_for", index))
            if domain not in homes:
                hint = suggest(domain, homes) or "No node of this file has domains."
                what = f"no node is the primary of {domain!r}, its mail would never leave here"
                yield Problem(place, what, hint)
            elif homes[domain] == name:
                what = f"MX loop: {name!r} is the primary of {domain!r} and its own backup"
                yield Problem(place, what, "Let another node be the backup.")
            elif domain in node.backup_for[:index]:
                yield Problem(place, f"{domain!r} stands twice in this list")


def aliases_lead_somewhere(topology: Topology, source: Source) -> Iterator[Problem]:
    """An alias for a misspelt user bounces every message."""
    known = _local_names(topology)
    for name, node in topology.nodes.items():
        here = {*node.users, *node.aliases, *STANDARD_NAMES}
        for alias, targets in node.aliases.items():
            place = source.place(("nodes", name, "aliases", alias))
            for target in targets:
                if _is_plain(target) and target not in here:
                    yield unknown_name(place, "user or alias", target, here)
        for domain, names in node.alias_domains.items():
            for local, targets in names.items():
                place = source.place(("nodes", name, "alias_domains", domain, local))
                for target in targets:
                    yield from _unknown_target(target, here, known, place)


def _unknown_target(
    target: str, here: set[str], known: Mapping[str, set[str]], place: Place
) -> Iterator[Problem]:
    local, at, domain = target.rpartition("@")
    if not at and target not in here:
        yield unknown_name(place, "user or alias", target, here)
    elif at and domain in known and local not in known[domain]:
        addresses = [f"{one}@{domain}" for one in sorted(known[domain])]
        yield Problem(place, f"nobody has the address {target!r}", suggest(target, addresses))


def _homes(node: NodeSpec) -> Iterator[tuple[str, str, str | int]]:
    for index, domain in enumerate(node.domains):
        yield "domains", domain, index
    for field in ("virtual_domains", "alias_domains"):
        for domain in getattr(node, field):
            yield field, domain, domain


def _local_names(topology: Topology) -> dict[str, set[str]]:
    """The addresses that exist, domain by domain."""
    known: dict[str, set[str]] = {}
    for node in topology.nodes.values():
        for domain in node.domains:
            known.setdefault(domain, set()).update(
                (*node.users, *node.aliases, *STANDARD_NAMES)
            )
        known |= {domain: set(names) for domain, names in node.virtual_domains.items()}
        known |= {domain: set(names) for domain, names in node.alias_domains.items()}
    return known


def _is_plain(target: str) -> bool:
    return not any(mark in target for mark in '@|/:,"')
