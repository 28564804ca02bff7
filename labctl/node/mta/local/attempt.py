"""One recipient in the hands of local(8): what has been tried, what is yet to be forwarded.

INPUT AND OUTPUT
    ``Tools`` are what all deliveries of the process share.  An ``Attempt`` lasts from a
    recipient of the request to the mark in the queue file; ``conclude()`` logs and records
    one outcome of the many that an alias can have.

WHY A MEMORY
    An address may come out of several aliases and should get the message once; and an alias
    may lead back to itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery import delivered_to
from labctl.node.mta.lib.delivery.agent import Delivery
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import bounce
from labctl.node.mta.lib.services.rewrite import Resolved, RewriteClient
from labctl.node.mta.local.target import Target
from labctl.node.wire import address_tokens, header_addresses


class Tools(NamedTuple):
    """What all deliveries share."""

    config: Config
    log: Log
    service: str  # the transport that addresses which stay here resolve to
    rewriter: RewriteClient
    nobody: Account  # postconf(5) default_privs

    def canonical(self, address: str) -> str:
        """The address as cleanup would have written it."""
        written = self.rewriter.rewrite(header_addresses.quoted(address), "local")
        return address_tokens.internal(address_tokens.scan(written))

    def resolve(self, sender: str, address: str) -> Resolved:
        return self.rewriter.resolve(sender, self.canonical(address))


@dataclass
class Attempt:
    """One recipient of one request."""

    tools: Tools
    delivery: Delivery
    # (Delivered-To, sender) -> addresses that get a message of their own
    forwards: dict[tuple[str, str], list[Recipient]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    @property
    def config(self) -> Config:
        return self.tools.config

    @property
    def verify_only(self) -> bool:
        return self.delivery.request.verify_only

    @property
    def attributes(self) -> Mapping[str, str]:
        return self.delivery.request.attributes

    @cached_property
    def content(self) -> bytes:
        return self.delivery.content()

    @cached_property
    def delivered_before(self) -> frozenset[str]:
        return delivered_to.addresses(self.content)

    def is_new(self, kind: str, what: str) -> bool:
        """Remember it; False when it was there already."""
        entry = f"{kind} {what}".lower()
        if entry in self._seen:
            return False
        # postconf(5) duplicate_filter_limit: a mailing list may be too large to remember.
        limit = self.config.number("duplicate_filter_limit")
        if not limit or len(self._seen) < limit:
            self._seen.add(entry)
        return True

    def has_seen(self, kind: str, what: str) -> bool:
        return f"{kind} {what}".lower() in self._seen

    def warn(self, text: str) -> None:
        self.tools.log.warning(text)

    def conclude(self, target: Target, status: DeliveryStatus) -> bool:
        """Log and record; True when this address needs no further attempt."""
        request = self.delivery.request
        replaced = target.sender != request.sender
        if replaced and status.is_permanent and not self.verify_only:
            return self._tell_owner(target, status)
        return self.delivery.record(target.rcpt, status)

    def _tell_owner(self, target: Target, status: DeliveryStatus) -> bool:
        """The bounce log knows one sender only, and here it is not the one to tell."""
        subject = bounce.subject_of(self.delivery.request)._replace(sender=target.sender)
        if not bounce.send_one(self.config, subject, target.rcpt, status):
            return False
        self.delivery.log_line(target.rcpt, status, self.delivery.hop, "bounced")
        return True
