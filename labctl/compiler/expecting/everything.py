"""All expectations of a lab, in the order in which they are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from labctl.compiler.expected import Expectation
from labctl.compiler.expecting import drills, flows, names, policies, promises, services
from labctl.compiler.lab import Lab

Pass: TypeAlias = Callable[[Lab], Iterable[Expectation]]


def expectations(lab: Lab) -> tuple[Expectation, ...]:
    """Say what must be true of a lab that works, without what its author took out."""
    unwanted = lab.topology.unchecked
    return tuple(
        expectation
        for one_pass in PASSES
        for expectation in one_pass(lab)
        if not any(fnmatchcase(expectation.id, pattern) for pattern in unwanted)
    )


PASSES: Final[tuple[Pass, ...]] = (
    services.processes,
    names.zones_are_served,
    names.hosts_have_addresses,
    names.addresses_have_names,
    names.domains_have_exchangers,
    names.the_root_is_closed,
    services.ports,
    services.logins,
    flows.flows,
    policies.strangers_do_not_relay,
    policies.unknown_users_are_refused,
    policies.null_clients_keep_nothing,
    services.wrong_passwords_are_refused,
    promises.promises,
    drills.backups_keep_mail,
)
