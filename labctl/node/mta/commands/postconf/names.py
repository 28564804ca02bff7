"""Which names in main.cf and master.cf mean something.

Postfix's own do, and those of services (`relay_destination_concurrency_limit`).

A name of the user's own counts when some value mentions it as `$name`, or when it is a
restriction class; everything else is an unused parameter, most often a misspelt one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.postconf.master_cf_entry import Entry
from labctl.node.mta.lib.config.expansion import (
    CompatibilityLevelError,
    MacroError,
    expand,
    names_in,
)
from labctl.node.mta.lib.config.main_cf import Config, split_words
from labctl.node.mta.lib.config.parameters import PARAMETERS, PER_TRANSPORT
from labctl.node.mta.lib.config.site import DEFAULTS

# Services with these commands take mail from the queue manager.
TRANSPORTS: Final = frozenset({"local", "virtual", "pipe", "smtp", "lmtp", "error"})
WITH_TIME_LIMIT: Final = frozenset({"pipe", "spawn"})


class Names(NamedTuple):
    """The names by origin, as `postconf -C` tells them apart."""

    builtin: frozenset[str]
    service: frozenset[str]
    user: frozenset[str]

    def knows(self, name: str) -> bool:
        """Whether the name means something."""
        return name in self.builtin or name in self.service or name in self.user


def known_names(config: Config, services: Sequence[Entry]) -> Names:
    """Collect all names that mean something with this configuration."""
    builtin = (frozenset(PARAMETERS) | frozenset(DEFAULTS)) - LOCAL_ONLY
    service = frozenset(_of_services(services)) - builtin
    values = _values(config, services)
    mentioned = {name for value in values for name in _scanned(value)}
    classes = set(config.words("smtpd_restriction_classes"))
    databases = {name for value in values for name in _of_databases(value)}
    defined = set(config.settings) | set(config.overrides)
    for one in services:
        defined |= one.settings().keys()
    user = ((mentioned | classes | databases | LEGACY) & defined) - builtin - service
    return Names(builtin, service, frozenset(user))


def pointless(config: Config, names: Names) -> list[str]:
    """Say which settings of main.cf, and of -o, nothing reads."""
    path = f"{config.directory}/main.cf"
    kinds = {name: "unused parameter" for name in config.settings if not names.knows(name)}
    kinds |= {name: "unused parameter" for name in config.overrides if not names.knows(name)}
    kinds |= dict.fromkeys(READ_ONLY & set(config.settings), "read-only parameter assignment")
    return [f"{path}: {kind}: {name}={config.raw(name)}" for name, kind in kinds.items()]


def _of_services(services: Iterable[Entry]) -> set[str]:
    names: set[str] = set()
    for service in services:
        name, kind = service.key
        if service.program in TRANSPORTS and kind != "inet":
            names |= {f"{name}_{suffix}" for suffix in PER_TRANSPORT if suffix != "time_limit"}
        if service.program in WITH_TIME_LIMIT:
            names.add(f"{name}_time_limit")
    return names


def _values(config: Config, services: Iterable[Entry]) -> list[str]:
    values = [*config.settings.values(), *config.overrides.values()]
    for service in services:
        values += service.settings().values()
    return values


def _scanned(value: str) -> list[str]:
    """Name what a value mentions; every value is looked at twice, and so complained of."""
    try:
        if "$" in value:
            expand(value, lambda name: "1")
    except CompatibilityLevelError as error:
        raise Fatal("macro processing error", warnings=(str(error),)) from error
    except MacroError as error:
        raise Fatal("macro processing error", warnings=(str(error),) * 2) from error
    return names_in(value)


def _of_databases(value: str) -> Iterator[str]:
    """`ldap:NAME` has its settings in main.cf, as NAME_server_host and so on."""
    if ":" not in value:
        return
    for word in split_words(value):
        kind, _, name = word.removeprefix("proxy:").partition(":")
        if not name.startswith(("/", ".")):
            yield from (f"{name}_{suffix}" for suffix in DATABASES.get(kind, ()))


_SQL: Final = (
    *("additional_conditions", "domain", "expansion_limit", "query", "result_format"),
    *("select_field", "select_function", "table", "where_field"),
)
_SQL_SERVER: Final = (*_SQL, "dbname", "hosts", "password", "require_result_set", "user")
# What ldap_table(5), mysql_table(5) and so on take from main.cf.
DATABASES: Final[Mapping[str, tuple[str, ...]]] = {
    "ldap": (
        *("bind", "bind_dn", "bind_pw", "chase_referrals", "debuglevel", "dereference"),
        *("domain", "expansion_limit", "leaf_result_attribute", "query_filter"),
        *("recursion_limit", "result_attribute", "result_format", "scope", "search_base"),
        *("server_host", "server_port", "size_limit", "special_result_attribute"),
        *("start_tls", "terminal_result_attribute", "timeout", "version"),
    ),
    "memcache": (
        *("backup", "data_size_limit", "domain", "flags", "key_format", "line_size_limit"),
        *("max_try", "memcache", "retry_pause", "timeout", "ttl"),
    ),
    "mysql": (*_SQL_SERVER, "option_file", "option_group", "tls_ca_file", "tls_verify_cert"),
    "pgsql": (*_SQL_SERVER, "encoding"),
    "sqlite": (*_SQL, "dbpath"),
}
READ_ONLY: Final = frozenset(("process_id", "process_name", "service_name"))
# Names of older releases; some defaults still refer to them (smtp_fallback_relay).
LEGACY: Final = frozenset(
    (
        "authorized_verp_clients",
        "fallback_relay",
        "lmtp_per_record_deadline",
        "postscreen_blacklist_action",
        "postscreen_dnsbl_ttl",
        "postscreen_dnsbl_whitelist_threshold",
        "postscreen_whitelist_interfaces",
        "smtp_per_record_deadline",
        "smtpd_client_connection_limit_exceptions",
        "smtpd_per_record_deadline",
        "tlsproxy_client_level",
        "tlsproxy_client_policy",
        "virtual_maps",
    )
)
# They have defaults of their own, and exist where the service local does.
LOCAL_ONLY: Final = frozenset(
    ("local_destination_concurrency_limit", "local_destination_recipient_limit")
)
