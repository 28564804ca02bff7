"""Deliver one request: host after host, until every recipient has an answer that counts.

RULES
    A temporary refusal is final only at the last host; before that it is logged, and the next
    host gets those recipients.  A permanent refusal is final everywhere.  When no host could
    even be talked to, the destination itself has failed, and qmgr is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from labctl.node.base import clock, sockets
from labctl.node.mta.lib.delivery.agent import Delivery, Hop
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify, deferred
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtp import nexthop as nexthops
from labctl.node.mta.smtp import transaction, xforward
from labctl.node.mta.smtp.dialogue import ConversationLost, Dialogue
from labctl.node.mta.smtp.hosts import Finder, Host, NoHosts
from labctl.node.mta.smtp.session import Session, SiteFailed, greet
from labctl.node.mta.smtp.settings import Settings
from labctl.node.mta.smtp.transaction import Letter, Progress


@dataclass
class Attempt:
    """The state of one request."""

    delivery: Delivery
    settings: Settings
    finder: Finder
    letter: Letter
    change: Callable[[str], str]  # smtp_generic_maps, for the envelope
    left: list[Recipient] = field(default_factory=list)
    failure: DeliveryStatus | None = None  # of the last host that could not be talked to
    hop: Hop = field(default_factory=Hop)
    talked: bool = False  # some host has greeted us
    reports_success: bool = False  # this host will do that for us

    def run(self) -> DeliveryStatus | None:
        """Settle every recipient; the status of the destination if that failed."""
        self.left = list(self.delivery.request.recipients)
        sessions = 0
        places = list(self._places())
        for index, (host, destination) in enumerate(places):
            if not self.left:
                break
            is_last = index == len(places) - 1 or (
                0 < self.settings.session_limit <= sessions + 1
            )
            if self._try(host, destination, is_last=is_last):
                sessions += 1
                if is_last:
                    break
        failure = self.failure or deferred("no host to deliver to", "4.4.4")
        for rcpt in self.left:
            self.delivery.settle(rcpt, failure, self.hop)
        return failure if self.left and not self.talked and self.failure else None

    def _places(self) -> Iterator[tuple[Host, str]]:
        """All hosts of the next hop, then those of the fallbacks."""
        request = self.delivery.request
        names = [request.nexthop, *self.settings.fallbacks]
        for name in names:
            parsed = nexthops.parse(name, lmtp=self.settings.lmtp)
            if parsed.path:
                yield Host(self.settings.manners.myhostname, parsed.path, 0), name
                continue
            port = sockets.port_number(parsed.port)
            loops = port == self.settings.loop_port and not self.settings.lmtp
            try:
                hosts = self.finder.find(parsed, port, detect_loops=loops)
            except NoHosts as nobody:
                # A name that leads nowhere is no fault of the destination's machines.
                self.failure, self.hop = nobody.status, Hop()
                self.talked = True
                continue
            limit = self.settings.address_limit or len(hosts)
            for host in hosts[:limit]:
                yield host, name

    def _try(self, host: Host, destination: str, *, is_last: bool) -> bool:
        """One host; True when it has greeted us."""
        session = self._connect(host, destination)
        if session is None:
            return False
        self.talked, self.reports_success = True, session.offers("DSN")
        progress = Progress()
        try:
            self._introduce_client(session)
            transaction.send(
                session,
                self.letter,
                [rcpt._replace(address=self.change(rcpt.address)) for rcpt in self.left],
                self.settings.timeouts,
                progress,
                lmtp=self.settings.lmtp,
            )
        except ConversationLost as lost:
            self._lost(host, lost, progress, is_last=is_last)
            session.dialogue.close()
        else:
            self._settle(progress, is_last=is_last)
            self._say_goodbye(session, progress)
        return True

    def _say_goodbye(self, session: Session, progress: Progress) -> None:
        """A transaction that came to nothing is taken back before we leave."""
        if not progress.accepted:
            try:
                timeout = self.settings.timeouts.rset
                session.dialogue.command("RSET", "sending final RSET", timeout)
            except ConversationLost:
                session.dialogue.close()
                return
        session.quit(self.delivery.config)

    def _connect(self, host: Host, destination: str) -> Session | None:
        try:
            dialogue = Dialogue(self.settings.connect(host))
        except OSError as error:
            reason = f"connect to {host.name_address_port}: {_error_text(error)}"
            self.delivery.log.info(reason)
            self._site_failed(deferred(reason, "4.4.1"), Hop())
            return None
        connected = clock.now()
        self.hop = Hop(host.name_address_port, connected)
        try:
            features = greet(
                dialogue,
                host,
                self.settings.manners,
                self.delivery.log,
                destination=destination,
            )
        except SiteFailed as refused:
            dialogue.close()
            self._site_failed(refused.status, self.hop)
        except ConversationLost as lost:
            dialogue.close()
            self._site_failed(deferred(lost.reason(host.name_address), "4.4.2"), self.hop)
        else:
            return Session(dialogue, host, features, connected)
        return None

    def _site_failed(self, status: DeliveryStatus, hop: Hop) -> None:
        self.failure, self.hop = status, hop

    def _introduce_client(self, session: Session) -> None:
        if not self.settings.xforward or not session.offers("XFORWARD"):
            return
        request = self.delivery.request
        announced = session.features["XFORWARD"]
        for command in xforward.commands(announced, request.attributes, request.queue_id):
            timeout = self.settings.timeouts.xforward
            session.dialogue.command(command, "sending XFORWARD name/address", timeout)

    def _settle(self, progress: Progress, *, is_last: bool) -> None:
        """Record what is final, and keep the rest for the next host."""
        kept: list[Recipient] = []
        logged: set[str] = set()
        for rcpt in self.left:
            status = progress.results[rcpt.offset]
            if status.is_temporary and not is_last:
                kept.append(rcpt)
                if status.reason not in logged:
                    logged.add(status.reason)
                    self.delivery.log.info(f"{self.delivery.request.queue_id}: {status.reason}")
                self.failure = status
            else:
                if self.reports_success:
                    # RFC 3461 5.2.1: a server that knows DSN reports success itself.
                    rcpt = rcpt._replace(notify=rcpt.notify & ~Notify.SUCCESS)
                self.delivery.settle(rcpt, status, self.hop)
        self.left = kept

    def _lost(
        self, host: Host, lost: ConversationLost, progress: Progress, *, is_last: bool
    ) -> None:
        status = deferred(lost.reason(host.name_address), "4.4.2")
        for rcpt in self.left:
            progress.results.setdefault(rcpt.offset, status)
        self._settle(progress, is_last=is_last)


def _error_text(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not error.errno:
        return "Connection timed out"
    return os.strerror(error.errno) if error.errno else str(error)
