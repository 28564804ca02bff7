"""All rules, in the order in which a reader of the file would ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from labctl.topology.models import Topology
from labctl.topology.problems import Problem
from labctl.topology.rules import domains, names, networks, promises, roles, settings
from labctl.topology.source import Source

Rule: TypeAlias = Callable[[Topology, Source], Iterator[Problem]]


def check(topology: Topology, source: Source) -> Iterator[Problem]:
    """Yield every problem that any rule finds."""
    for rule in RULES:
        yield from rule(topology, source)


RULES: Final[tuple[Rule, ...]] = (
    networks.subnets_are_separate,
    networks.networks_exist,
    networks.addresses_are_in_their_network,
    networks.addresses_are_unique,
    names.hostnames_are_unique,
    names.uids_are_unique,
    names.accounts_own_files,
    roles.a_name_server_is_there,
    roles.roles_have_what_they_need,
    roles.only_name_servers_have_zones,
    roles.relays_exist,
    roles.relays_do_not_go_in_circles,
    domains.a_domain_has_one_home,
    domains.backups_stand_behind_a_primary,
    domains.aliases_lead_somewhere,
    settings.parameters_exist,
    settings.tables_are_read,
    settings.tables_are_there,
    settings.master_entries_are_complete,
    promises.promises_name_nodes,
    promises.promises_are_complete,
    promises.promised_mailboxes_exist,
)
