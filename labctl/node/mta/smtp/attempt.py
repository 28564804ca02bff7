"""Deliver one request: next hop after next hop, host after host, until all have an answer.

STATES OF A REQUEST
    next hops (transport(5), then smtp_fallback_relay) -> hosts of each -> a session with one,
    from the cache or new -> a transaction -> recipients that are left go to the next host

When no host could even be talked to, the destination itself has failed, and qmgr is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.mta.lib.delivery import handover
from labctl.node.mta.lib.delivery.agent import Delivery, Hop
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred
from labctl.node.mta.smtp.cache import Cache, Keeper
from labctl.node.mta.smtp.connecting import CannotBind, Connector
from labctl.node.mta.smtp.hosts import nexthop
from labctl.node.mta.smtp.hosts.finder import Finder, Found, Host, NoHosts
from labctl.node.mta.smtp.hosts.nexthop import Nexthop
from labctl.node.mta.smtp.outcome import Outcome
from labctl.node.mta.smtp.settings import Settings
from labctl.node.mta.smtp.talk import xforward
from labctl.node.mta.smtp.talk.dialogue import ConversationLost, Dialogue, Wiretap
from labctl.node.mta.smtp.talk.greeting import Arrival, SiteFailed, greet
from labctl.node.mta.smtp.talk.session import Session, say_goodbye
from labctl.node.mta.smtp.talk.transaction import Interrupted, Letter, Rules, Transaction


class Tools(NamedTuple):
    """What all requests of a process share."""

    settings: Settings
    finder: Finder
    connector: Connector
    cache: Cache
    change: Callable[[str], str]  # smtp_generic_maps, for the envelope
    tap: Callable[[Host, str], Wiretap]  # who listens to a conversation, by host and queue id
    report: Callable[[Dialogue, Host], None]  # tells the postmaster what went wrong


class Site(NamedTuple):
    """One next hop of several."""

    text: str
    is_fallback: bool
    is_first: bool
    is_last: bool


@dataclass
class Attempt:
    """The state of one request."""

    delivery: Delivery
    tools: Tools
    letter: Letter
    outcome: Outcome

    @classmethod
    def of(cls, delivery: Delivery, tools: Tools, letter: Letter) -> Attempt:
        outcome = Outcome(delivery, tools.settings.soft_bounce)
        outcome.left = list(delivery.request.recipients)
        return cls(delivery, tools, letter, outcome)

    def run(self) -> DeliveryStatus | None:
        """Settle every recipient; the status of the destination if that failed."""
        site = None
        for site in self._sites():
            if self._visit(site) or not self.outcome.left:
                break
        assert site is not None
        if self.outcome.left:
            self._give_up(site)
        return self.outcome.destination

    def _sites(self) -> Iterator[Site]:
        settings = self.tools.settings
        primary = nexthop.split(self.delivery.request.nexthop)
        names = [*primary, *settings.fallbacks]
        for index, name in enumerate(names):
            is_fallback = index >= len(primary)
            yield Site(name, is_fallback, index == 0, index == len(names) - 1)

    def _visit(self, site: Site) -> bool:
        """One next hop; True when no other may be tried."""
        try:
            found = self._find(self.tools.settings.parse(site.text))
        except NoHosts as nobody:
            self.outcome.failure = nobody.status
            # Other hosts than the best, which is ourselves, would only send it back to us.
            return nobody.is_loop
        site = site._replace(is_last=site.is_last or found.we_are_backup)
        self._try_hosts(site, list(found.hosts))
        return site.is_last

    def _find(self, target: Nexthop) -> Found:
        settings = self.tools.settings
        if target.path:
            return Found((Host(settings.manners.myhostname, target.path, 0),))
        port = settings.port(target.port)
        loops = port == settings.loop_port and not settings.lmtp
        return self.tools.finder.find(target, port, detect_loops=loops)

    def _try_hosts(self, site: Site, hosts: list[Host]) -> None:
        keeper = self.tools.cache.for_request(self.delivery.request)
        sessions = 0
        limit = self.tools.settings.session_limit
        if site.is_first and (session := keeper.for_destination()):
            hosts = [host for host in hosts if host.address != session.host.address]
            sessions += 1
            self._deliver(session, keeper, is_last=site.is_last and not hosts)
        for index, host in enumerate(hosts):
            if not self.outcome.left or 0 < limit <= sessions:
                break
            is_last_host = index == len(hosts) - 1
            session = keeper.for_host(host) or self._connect(
                host, site, is_last=site.is_last and is_last_host
            )
            if session is None:
                continue
            sessions += 1
            exhausted = is_last_host or 0 < limit <= sessions
            self._deliver(session, keeper, is_last=site.is_last and exhausted)

    def _connect(self, host: Host, site: Site, *, is_last: bool) -> Session | None:
        try:
            connection = self.tools.connector.connect(host)
        except CannotBind:
            self.outcome.failure = deferred("server configuration error", "4.4.0")
            self.delivery.log.info(self.outcome.failure.reason)
        except OSError as error:
            reason = f"connect to {host.name_address_port}: {_error_text(error)}"
            if not host.is_local_socket:
                self.delivery.log.info(reason)
            self.outcome.failure = deferred(reason, "4.4.1")
        else:
            queue_id = self.delivery.request.queue_id
            dialogue = Dialogue(
                connection,
                self.tools.tap(host, queue_id),
                whole=self.tools.settings.whole_deadline,
            )
            arrival = Arrival(dialogue, host, site.text, queue_id, self.delivery.log)
            return self._greet(arrival, is_last=is_last)
        return None

    def _greet(self, arrival: Arrival, *, is_last: bool) -> Session | None:
        connected, host = clock.now(), arrival.host
        settings = self.tools.settings
        try:
            features = greet(arrival, settings.manners)
        except (SiteFailed, ConversationLost) as trouble:
            self.outcome.begin(Hop(host.name_address_port, connected), is_last=is_last)
            self.outcome.decide_rest(_status_of(trouble, host))
            timeout, wait = settings.timeouts.quit, settings.waits_for_quit
            say_goodbye(arrival.dialogue, timeout, wait=wait)
            self.tools.report(arrival.dialogue, host)
            return None
        arrival.dialogue.tap.is_pipelined = "PIPELINING" in features
        return Session(arrival.dialogue, host, features, connected, since=connected)

    def _deliver(self, session: Session, keeper: Keeper, *, is_last: bool) -> None:
        hop = Hop(session.host.name_address_port, session.connected, session.uses)
        self.outcome.begin(hop, is_last=is_last)
        transaction = self._transaction(session, leaves=not keeper.stores)
        try:
            self._introduce_client(session)
            for verdict in transaction.verdicts():
                ours = session.offers("DSN")
                self.outcome.decide(verdict.recipients, verdict.status, final=ours)
        except ConversationLost as lost:
            self.outcome.decide_rest(_status_of(lost, session.host))
        except Interrupted as interrupted:
            self.outcome.decide(self.outcome.undecided, interrupted.status)
        keeper.keep_or_end(session, is_open=transaction.is_open)
        self.tools.report(session.dialogue, session.host)

    def _transaction(self, session: Session, *, leaves: bool) -> Transaction:
        settings = self.tools.settings
        probe = settings.probe_target if self.delivery.request.verify_only else ""
        recipients = [
            rcpt._replace(address=self.tools.change(rcpt.address))
            for rcpt in self.outcome.undecided
        ]
        rules = Rules(settings.lmtp, settings.assume_final, probe, leaves=leaves)
        return Transaction(session, self.letter, recipients, settings.timeouts, rules)

    def _introduce_client(self, session: Session) -> None:
        if not self.tools.settings.xforward or not session.offers("XFORWARD"):
            return
        request, timeout = self.delivery.request, self.tools.settings.timeouts.xforward
        announced = session.features["XFORWARD"]
        for line, about in xforward.commands(announced, request.attributes, request.queue_id):
            reply = session.dialogue.command(line, f"sending XFORWARD {about}", timeout)
            if reply.kind != 2:
                # The mail is more important than who sent it.
                said = f"{session.host.name_address_port} said: {reply.text}"
                reason = f"(in reply to XFORWARD {about} command)"
                self.delivery.log.warning(f"host {said} {reason}")

    def _give_up(self, site: Site) -> None:
        failure = self.outcome.failure or deferred(NOBODY_TRIED)
        settings, log = self.tools.settings, self.delivery.log
        if failure.is_temporary:
            self.outcome.give_up(failure)
        elif site.is_fallback:
            log.warning(f"{settings.prefix}_fallback_relay configuration problem")
            self.outcome.give_up(failure.softened()._replace(status="4.3.5"))
        elif not settings.lmtp and self.delivery.request.nexthop == settings.relayhost:
            log.warning("relayhost configuration problem")
            self.outcome.give_up(failure.softened()._replace(status="4.3.5"))
        elif settings.best_mx_transport and NoHosts(failure).is_loop:
            self._pass_on(settings.best_mx_transport)
        else:
            self.outcome.give_up(failure)

    def _pass_on(self, transport: str) -> None:
        """postconf(5) best_mx_transport: another agent takes what would only come back."""
        for rcpt in self.outcome.left:
            try:
                done = handover.pass_on(self.delivery, rcpt, transport)
            except handover.NobodyThere:
                self.delivery.settle(rcpt, deferred("mail transport unavailable"), Hop())
            else:
                if not done:
                    self.delivery.unfinished.add(rcpt.offset)


NOBODY_TRIED: Final = "server unavailable or unable to receive mail"


def _status_of(trouble: SiteFailed | ConversationLost, host: Host) -> DeliveryStatus:
    if isinstance(trouble, SiteFailed):
        return trouble.status
    return deferred(trouble.reason(host.name_address), "4.4.2")


def _error_text(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not error.errno:
        return "Connection timed out"
    return os.strerror(error.errno) if error.errno else str(error)
