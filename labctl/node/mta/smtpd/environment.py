"""Whom a session may ask: configuration, tables, other services.  One value, made once.

WHY
    The session and the restrictions decide; everything that touches the world goes through
    this value, so that a dialogue can be tested without a socket.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from labctl.node.base import clock
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import Maps, open_maps
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import flush
from labctl.node.mta.lib.services.cleanup import CleanupResult, Flags
from labctl.node.mta.lib.services.rewrite import Resolved
from labctl.node.mta.smtpd.lookups.host_list import HostList
from labctl.node.mta.smtpd.lookups.name_service import NameService
from labctl.node.mta.smtpd.lookups.peer_names import PeerNames
from labctl.node.mta.smtpd.lookups.policy_client import PolicyClients
from labctl.node.wire import address_tokens, header_addresses


class Resolving(Protocol):
    """What is needed of rewrite.RewriteClient."""

    def rewrite(self, address: str, context: str = "local") -> str: ...

    def resolve(self, sender: str, recipient: str, *, verify: bool = False) -> Resolved: ...


class QueueStream(Protocol):
    """What is needed of cleanup.CleanupStream."""

    queue_id: str

    def raw(self, encoded: bytes) -> None: ...

    def record(self, kind: int, data: bytes = b"") -> None: ...

    def attribute(self, name: str, value: str) -> None: ...

    def recipient(self, recipient: Recipient) -> None: ...

    def flush(self) -> None: ...

    def finish(self, extracted: bytes = b"") -> CleanupResult: ...

    def close(self) -> None: ...


class Rates(Protocol):
    """What is needed of anvil.Counting: how often a client did something lately."""

    def connect(self, service: str, address: str) -> tuple[int, int]: ...

    def disconnect(self, service: str, address: str) -> None: ...

    def count(self, event: str, service: str, address: str) -> int: ...


@dataclass
class Environment:
    """One process's view of the world."""

    config: Config
    log: Log
    resolver: Resolving
    dns: NameService
    submit: Callable[[Config, Flags], QueueStream]
    rates: Rates
    service: str = "smtpd"
    sleep: Callable[[float], None] = lambda seconds: None
    now: Callable[[], float] = clock.now
    flush: Callable[[Config, str], flush.Answer] = flush.send_site
    policy: PolicyClients = field(default_factory=PolicyClients)
    tables: dict[str, Maps] = field(default_factory=dict)
    host_lists: dict[str, HostList] = field(default_factory=dict)
    warned: set[str] = field(default_factory=set)
    peers: PeerNames = field(default_factory=PeerNames)

    def resolve(self, sender: str, address: str) -> Resolved:
        """Where an address goes, in standard form.  Raises RewriteUnavailable."""
        if not address:
            return self.resolver.resolve(sender, address)
        # trivial-rewrite reads addresses as headers have them: quoted.
        form = self.resolver.rewrite(header_addresses.quoted(address))
        if '"' in form or "\\" in form:
            form = address_tokens.internal(address_tokens.scan(form))
        return self.resolver.resolve(sender, form)

    def table(self, name: str) -> Maps:
        """One lookup table by its ``type:name``; opened when first needed, and kept."""
        if name not in self.tables:
            self.tables[name] = open_maps(name, self.config)
        return self.tables[name]

    def warn_once(self, text: str) -> None:
        """A complaint that does not get truer by being repeated."""
        if text not in self.warned:
            self.warned.add(text)
            self.log.warning(text)

    def hosts(self, parameter: str) -> HostList:
        """A list of hosts and networks by its parameter; compiled once."""
        if parameter not in self.host_lists:
            words = self.config.words(parameter)
            self.host_lists[parameter] = HostList(words, self.table)
        return self.host_lists[parameter]
