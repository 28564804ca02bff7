"""Refuse to start when a parameter makes no sense.

Postfix reads some parameters in all of its programs: a wrong one stops `postfix start` as it
stops postmap(1). A wrong value of any other parameter stops only the programs that read it,
when they start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.expansion import CompatibilityLevelError, parse_level
from labctl.node.mta.lib.config.identity_check import check_identity
from labctl.node.mta.lib.config.own_addresses import listening_addresses
from labctl.node.mta.lib.config.parameters import Kind, find

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


def check_startup(config: Config) -> None:
    """Read what main.cf sets of the parameters that are common to all programs."""
    _check_level(config)
    read_all(config, (name for name in config.settings if name in COMMON))
    check_identity(config)
    _check_interfaces(config)


def check_program(config: Config, program: str) -> None:
    """Read what main.cf and `-o` set of the parameters that a daemon is going to ask for."""
    names = dict.fromkeys([*config.settings, *config.overrides])
    reader = ALIASES.get(program, program)
    mine = (name for name in names if _concerns(name, reader))
    read_all(config, mine)


def read_all(config: Config, names: Iterable[str]) -> None:
    """Read the parameters as what they are, texts before numbers, as Postfix does."""
    found = [parameter for parameter in map(find, names) if parameter is not None]
    for parameter in sorted(found, key=lambda one: ORDER.index(one.kind)):
        READ[parameter.kind](config, parameter.name)


def _concerns(name: str, program: str) -> bool:
    parameter = find(name)
    return name in COMMON or (parameter is not None and program in parameter.readers)


def _check_interfaces(config: Config) -> None:
    """Resolve what names inet_interfaces has; numbers and words cost nothing."""
    for protocol in config.words("inet_protocols"):
        if protocol not in PROTOCOLS:
            raise Fatal(f'unknown inet_protocols value "{protocol}" in "{protocol}"')
    if "mynetworks_style" in config.settings:
        config.text("mynetworks")
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
    Kind.TEXT: lambda config, name: config.checked_text(name),
    Kind.WORDS: lambda config, name: config.checked_text(name),
    Kind.MAPS: lambda config, name: config.checked_text(name),
    Kind.NUMBER: lambda config, name: config.number(name),
    Kind.SIZE: lambda config, name: config.number(name),
    Kind.FLAG: lambda config, name: config.flag(name),
    Kind.SECONDS: lambda config, name: config.seconds(name),
}
ORDER: Final = tuple(READ)
# Programs that are called otherwise in master.cf than in the table.
ALIASES: Final[Mapping[str, str]] = {"lmtp": "smtp", "trivial-rewrite": "rewrite"}
PROTOCOLS: Final = ("all", "ipv4", "ipv6")
# What mail_params of Postfix 3.7 reads in every program.
COMMON: Final = frozenset(
    (
        "address_verify_negative_cache",
        "address_verify_service_name",
        "alias_database",
        "alternate_config_directories",
        "application_event_drain_time",
        "backwards_bounce_logfile_compatibility",
        "berkeley_db_create_buffer_size",
        "berkeley_db_read_buffer_size",
        "bounce_service_name",
        "cleanup_service_name",
        "command_directory",
        "daemon_directory",
        "daemon_table_open_error_is_fatal",
        "daemon_timeout",
        "data_directory",
        "debug_peer_level",
        "debug_peer_list",
        "default_database_type",
        "default_delivery_status_filter",
        "default_privs",
        "default_process_limit",
        "default_verp_delimiters",
        "defer_service_name",
        "delay_logging_resolution_limit",
        "deliver_lock_attempts",
        "deliver_lock_delay",
        "disable_dns_lookups",
        "disable_mime_input_processing",
        "disable_mime_output_conversion",
        "dns_ncache_ttl_fix_enable",
        "dnssec_probe",
        "dont_remove",
        "double_bounce_sender",
        "enable_idna2003_compatibility",
        "enable_long_queue_ids",
        "enable_original_recipient",
        "error_service_name",
        "export_environment",
        "fast_flush_domains",
        "fault_injection_code",
        "flush_service_name",
        "fork_attempts",
        "fork_delay",
        "hash_queue_depth",
        "hash_queue_names",
        "header_address_token_limit",
        "header_size_limit",
        "helpful_warnings",
        "import_environment",
        "in_flow_delay",
        "inet_interfaces",
        "inet_protocols",
        "info_log_address_format",
        "internal_mail_filter_classes",
        "ipc_idle",
        "ipc_timeout",
        "ipc_ttl",
        "known_tcp_ports",
        "line_length_limit",
        "lmdb_map_size",
        "mail_name",
        "mail_owner",
        "mail_release_date",
        "mail_version",
        "maillog_file",
        "maillog_file_compressor",
        "maillog_file_prefixes",
        "maillog_file_rotate_suffix",
        "max_idle",
        "max_use",
        "message_drop_headers",
        "message_size_limit",
        "meta_directory",
        "mime_boundary_length_limit",
        "mime_nesting_limit",
        "multi_instance_directories",
        "multi_instance_enable",
        "multi_instance_group",
        "multi_instance_name",
        "multi_instance_wrapper",
        "mydestination",
        "mydomain",
        "myhostname",
        "mynetworks",
        "mynetworks_style",
        "myorigin",
        "owner_request_special",
        "parent_domain_matches_subdomains",
        "pickup_service_name",
        "postlog_service_name",
        "process_id_directory",
        "proxy_interfaces",
        "proxymap_service_name",
        "proxywrite_service_name",
        "queue_directory",
        "queue_service_name",
        "recipient_delimiter",
        "relay_domains",
        "relayhost",
        "respectful_logging",
        "rewrite_service_name",
        "send_cyrus_sasl_authzid",
        "setgid_group",
        "shlib_directory",
        "showq_service_name",
        "smtputf8_autodetect_classes",
        "smtputf8_enable",
        "soft_bounce",
        "stale_lock_time",
        "strict_7bit_headers",
        "strict_8bitmime",
        "strict_8bitmime_body",
        "strict_mime_encoding_domain",
        "strict_smtputf8",
        "syslog_facility",
        "syslog_name",
        "tcp_windowsize",
        "trace_service_name",
        "trigger_timeout",
        "verp_delimiter_filter",
    )
)
