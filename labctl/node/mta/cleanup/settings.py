"""What main.cf says to cleanup, read once in the life of a process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.maps.match_list import MatchList, domain_list
from labctl.node.mta.lib.services.rewrite import RewriteClient
from labctl.node.wire import mime

if TYPE_CHECKING:
    from labctl.node.mta.lib.maps import Maps


class Table(NamedTuple):
    """A rewriting table: for which addresses, and whether +extension is carried over."""

    name: str
    maps: Maps
    classes: frozenset[str]
    propagate: bool


class Masquerade(NamedTuple):
    """postconf(5) masquerade_domains and what belongs to it."""

    domains: tuple[str, ...]
    exceptions: frozenset[str]
    classes: frozenset[str]


class OwnDomains:
    """Where a bare user name in a table stands for user@domain: canonical(5)."""

    def __init__(self, config: Config) -> None:
        self._origin = config.text("myorigin").lower()
        self._destinations: MatchList = domain_list(config, "mydestination")
        self._addresses = own_addresses(config)

    def __contains__(self, domain: str) -> bool:
        if domain.startswith("["):
            return domain.strip("[]").lower().removeprefix("ipv6:") in self._addresses
        return domain.lower() == self._origin or domain in self._destinations


class Settings(NamedTuple):
    """Values, tables, and the connection to trivial-rewrite."""

    config: Config
    log: Log
    rewriter: RewriteClient
    own: OwnDomains
    hostname: str
    canonical: tuple[Table, ...]  # in the order of use
    masquerade: Masquerade
    virtual: Table
    sender_bcc: Table
    recipient_bcc: Table
    checks: dict[mime.HeaderClass, Maps]
    body_checks: Maps
    drop_headers: frozenset[bytes]
    mime_limits: mime.Limits
    structure: bool
    replaces_stray: bool
    tell_apart: bool  # recipients that were called differently
    duplicate_limit: int
    utf8: bool  # in the log


def read(config: Config, log: Log) -> Settings:
    """Everything at once: a wrong value stops the process at its start, not a message."""
    propagate = config.words("propagate_unmatched_extensions")
    return Settings(
        config=config,
        log=log,
        rewriter=RewriteClient(config),
        own=OwnDomains(config),
        hostname=config.text("myhostname"),
        canonical=tuple(
            Table(
                f"{name}_maps",
                maps_of(config, f"{name}_maps"),
                _classes(config, f"{name}_classes"),
                "canonical" in propagate,
            )
            for name in ("sender_canonical", "recipient_canonical", "canonical")
        ),
        masquerade=Masquerade(
            config.words("masquerade_domains"),
            frozenset(config.words("masquerade_exceptions")),
            _classes(config, "masquerade_classes"),
        ),
        virtual=_table(config, "virtual_alias_maps", propagate="virtual" in propagate),
        sender_bcc=_table(config, "sender_bcc_maps", propagate="bcc" in propagate),
        recipient_bcc=_table(config, "recipient_bcc_maps", propagate="bcc" in propagate),
        checks={kind: maps_of(config, kind.value) for kind in mime.HeaderClass},
        body_checks=maps_of(config, "body_checks"),
        drop_headers=frozenset(
            name.lower().encode() for name in config.words("message_drop_headers")
        ),
        mime_limits=mime.Limits(
            config.number("header_size_limit"),
            config.number("mime_nesting_limit"),
            config.number("mime_boundary_length_limit"),
            frozenset(_unwanted(config)),
        ),
        structure=not config.flag("disable_mime_input_processing"),
        replaces_stray=config.flag("cleanup_replace_stray_cr_lf"),
        tell_apart=config.flag("enable_original_recipient"),
        duplicate_limit=config.number("duplicate_filter_limit"),
        utf8=config.flag("smtputf8_enable"),
    )


def _table(config: Config, name: str, *, propagate: bool) -> Table:
    return Table(name, maps_of(config, name), ADDRESS_CLASSES, propagate)


def _classes(config: Config, name: str) -> frozenset[str]:
    classes = frozenset(config.words(name))
    if unknown := classes - ADDRESS_CLASSES:
        raise Fatal(f"bad {name} value: {min(unknown)}")
    return classes


def _unwanted(config: Config) -> Iterator[mime.Fault]:
    """postconf(5) strict_8bitmime and the other three; depth, where somebody looks at it."""
    if any(map(config.flag, STRICT)) or any(maps_of(config, name) for name in CHECKS):
        yield mime.Fault.NESTING
    if config.flag("strict_mime_encoding_domain"):
        yield mime.Fault.ENCODING
    if config.flag("strict_8bitmime") or config.flag("strict_7bit_headers"):
        yield mime.Fault.HEADER_8BIT
    if config.flag("strict_8bitmime") or config.flag("strict_8bitmime_body"):
        yield mime.Fault.BODY_8BIT


STRICT: Final = (
    "strict_8bitmime",
    "strict_7bit_headers",
    "strict_8bitmime_body",
    "strict_mime_encoding_domain",
)
CHECKS: Final = (*(kind.value for kind in mime.HeaderClass), "body_checks")
ADDRESS_CLASSES: Final = frozenset(
    ("envelope_sender", "envelope_recipient", "header_sender", "header_recipient")
)
