"""Which names in main.cf and master.cf mean something.

Postfix's own do, and those of services (`relay_destination_concurrency_limit`).

A name of the user's own counts when some value mentions it as `$name`, or when it is a
restriction class; everything else is an unused parameter, most often a misspelt one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.expansion import names_in
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.master_cf import Service, read
from labctl.node.mta.lib.config.parameters import PARAMETERS, PER_TRANSPORT
from labctl.node.mta.lib.config.site import DEFAULTS

# Services with these commands take mail from the queue manager.
TRANSPORTS: Final = frozenset({"local", "virtual", "pipe", "smtp", "lmtp", "error", "discard"})
WITH_TIME_LIMIT: Final = frozenset({"pipe", "spawn"})


class Names(NamedTuple):
    """The names by origin, as `postconf -C` tells them apart."""

    builtin: frozenset[str]
    service: frozenset[str]
    user: frozenset[str]

    def knows(self, name: str) -> bool:
        """Whether the name means something."""
        return name in self.builtin or name in self.service or name in self.user


def services_of(directory: str) -> list[Service]:
    """Read master.cf; without one there are no services."""
    try:
        return read(f"{directory}/master.cf")
    except Fatal:
        return []


def known_names(config: Config, services: Iterable[Service]) -> Names:
    """Collect all names that mean something with this configuration."""
    builtin = frozenset(PARAMETERS) | frozenset(DEFAULTS)
    service = frozenset(_of_services(services)) - builtin
    mentioned = _mentioned(config, services)
    classes = set(config.words("smtpd_restriction_classes"))
    defined = set(config.settings) | set(config.overrides)
    for one in services:
        defined |= set(one.overrides)
    # A default may ask for an old name, such as smtp_fallback_relay = $fallback_relay.
    legacy = {name for row in PARAMETERS.values() for name in names_in(row.default)}
    user = ((mentioned | classes | legacy) & defined) - builtin - service
    return Names(builtin, service, frozenset(user))


def unused(settings: Mapping[str, str], names: Names) -> list[tuple[str, str]]:
    """Return the settings whose names mean nothing."""
    return [(name, value) for name, value in settings.items() if not names.knows(name)]


def _of_services(services: Iterable[Service]) -> set[str]:
    names: set[str] = set()
    for service in services:
        if service.command in TRANSPORTS and service.type != "inet":
            suffixes = [suffix for suffix in PER_TRANSPORT if suffix != "time_limit"]
            names |= {f"{service.name}_{suffix}" for suffix in suffixes}
        if service.command in WITH_TIME_LIMIT:
            names.add(f"{service.name}_time_limit")
    return names


def _mentioned(config: Config, services: Iterable[Service]) -> set[str]:
    values = [*config.settings.values(), *config.overrides.values()]
    for service in services:
        values += service.overrides.values()
    return {name for value in values for name in names_in(value)}
