"""Refuse to start when a parameter that every program reads makes no sense.

Postfix reads these in all of its programs: a wrong one stops `postfix start` as it stops
postmap(1). A wrong value of any other parameter stops only the program that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.expansion import CompatibilityLevelError, parse_level
from labctl.node.mta.lib.config.own_addresses import listening_addresses
from labctl.node.mta.lib.config.parameters import Kind, find

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


def check_startup(config: Config) -> None:
    """Read what main.cf sets of the parameters that are common to all programs."""
    for name in config.settings:
        parameter = find(name)
        if name in COMMON and parameter is not None:
            READ[parameter.kind](config, name)
    for name in NEVER_EMPTY:
        if name in config.settings and not config.text(name):
            raise Fatal(f"bad string length 0 < 1: {name} = ")
    _check_level(config)
    _check_interfaces(config)


def _check_interfaces(config: Config) -> None:
    """Resolve what names inet_interfaces has; numbers and words cost nothing."""
    for protocol in config.words("inet_protocols"):
        if protocol not in PROTOCOLS:
            raise Fatal(f'unknown inet_protocols value "{protocol}" in "{protocol}"')
    if config.settings.get("inet_interfaces", "all") not in ("all", "loopback-only"):
        listening_addresses(config)


def unobeyed(config: Config) -> list[str]:
    """Name what main.cf sets of Postfix's parameters that nothing here reads."""
    found = ((name, find(name)) for name in config.settings)
    return [
        name for name, parameter in found if parameter is not None and not parameter.is_read
    ]


def _check_level(config: Config) -> None:
    if "compatibility_level" not in config.settings:
        return
    try:
        parse_level(config.text("compatibility_level"))
    except CompatibilityLevelError as error:
        raise Fatal(str(error)) from error


READ: Final[Mapping[Kind, Callable[[Config, str], object]]] = {
    Kind.TEXT: lambda config, name: config.text(name),
    Kind.WORDS: lambda config, name: config.text(name),
    Kind.MAPS: lambda config, name: config.text(name),
    Kind.FLAG: lambda config, name: config.flag(name),
    Kind.NUMBER: lambda config, name: config.number(name),
    Kind.SECONDS: lambda config, name: config.seconds(name),
}
PROTOCOLS: Final = ("all", "ipv4", "ipv6")
NEVER_EMPTY: Final = ("myhostname", "mydomain", "myorigin", "default_database_type")
COMMON: Final = frozenset(
    (
        "address_verify_negative_cache",
        "application_event_drain_time",
        "backwards_bounce_logfile_compatibility",
        "berkeley_db_create_buffer_size",
        "berkeley_db_read_buffer_size",
        "daemon_table_open_error_is_fatal",
        "daemon_timeout",
        "debug_peer_level",
        "default_process_limit",
        "delay_logging_resolution_limit",
        "deliver_lock_attempts",
        "deliver_lock_delay",
        "disable_dns_lookups",
        "disable_mime_input_processing",
        "disable_mime_output_conversion",
        "dns_ncache_ttl_fix_enable",
        "dont_remove",
        "enable_idna2003_compatibility",
        "enable_long_queue_ids",
        "enable_original_recipient",
        "fault_injection_code",
        "fork_attempts",
        "fork_delay",
        "hash_queue_depth",
        "header_address_token_limit",
        "header_size_limit",
        "helpful_warnings",
        "in_flow_delay",
        "ipc_idle",
        "ipc_timeout",
        "ipc_ttl",
        "line_length_limit",
        "lmdb_map_size",
        "max_idle",
        "max_use",
        "message_size_limit",
        "mime_boundary_length_limit",
        "mime_nesting_limit",
        "multi_instance_enable",
        "mydestination",
        "mynetworks_style",
        "queue_directory",
        "soft_bounce",
    )
)
