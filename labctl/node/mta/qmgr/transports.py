"""The transports at work: schedulers on one side, crews of agents on the other.

STATES OF A TRANSPORT
    in order --nobody listens, an agent died--> out of order --transport_retry_time--> in order
    While it is out of order, and while a destination is dead, its mail goes to retry(8), which
    writes the reason into the log and the record of deferrals.
"""

from __future__ import annotations

from collections.abc import Callable

from labctl.node.base import clock
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import DeliveryReply, DeliveryRequest
from labctl.node.mta.qmgr import feedback, routing
from labctl.node.mta.qmgr.agents import Crew, OnReply
from labctl.node.mta.qmgr.message import Message
from labctl.node.mta.qmgr.routing import Route
from labctl.node.mta.qmgr.scheduler import Destination, Entry, Policy, Transport

OnDelivered = Callable[[Message, bool], None]


class Transports:
    """All services that deliver, made when the first message needs them."""

    def __init__(
        self, loop: EventLoop, config: Config, log: Log, on_delivered: OnDelivered
    ) -> None:
        self.loop, self.config, self.log = loop, config, log
        self.on_delivered = on_delivered
        self.retry_service = "retry"
        self.delimiter = config.text("recipient_delimiter")
        self._lines: dict[str, Line] = {}

    def assign(self, message: Message, routes: list[Route]) -> None:
        """Queue all recipients of a message; each request counts as pending."""
        groups: dict[tuple[str, str, str], list[Recipient]] = {}
        for route in routes:
            limit = self.line(route.transport).transport.policy.recipient_limit
            name = routing.destination_name(route, limit, self.delimiter)
            key = (route.transport, name, route.nexthop)
            groups.setdefault(key, []).append(route.recipient)
        for (transport, name, nexthop), recipients in groups.items():
            # Neighbours in a domain stay together when a limit cuts the list.
            recipients.sort(key=_by_domain)
            self.line(transport).add(message, name, nexthop, recipients)

    def line(self, name: str) -> Line:
        found = self._lines.get(name)
        if found is None:
            found = self._lines[name] = Line(self, name)
        return found

    def revive(self, transport: str = "", nexthop: str = "") -> None:
        """Forget what is dead: all of it, or one destination of one transport."""
        lines = [self._lines[transport]] if transport in self._lines else []
        for line in lines if transport else list(self._lines.values()):
            line.revive(nexthop)

    def close(self) -> None:
        """Let go of all agents."""
        for line in self._lines.values():
            line.close()


class Line:
    """One transport: who waits, who delivers, and the way between them."""

    def __init__(self, transports: Transports, name: str) -> None:
        self._all = transports
        self.transport = Transport(name, read_policy(transports.config, name))
        path = ipc.service_path(transports.config, "private", name)
        patience = transports.config.seconds("daemon_timeout")
        self._crew = Crew(transports.loop, path, self, patience)
        self._pausing = self._may_start = False  # transport_rate_delay

    def add(
        self, message: Message, name: str, nexthop: str, recipients: list[Recipient]
    ) -> None:
        """Queue recipients, or pass them to retry(8) when trying would be in vain."""
        destination = self.transport.destination(name, nexthop)
        if reason := self._detour(destination):
            self._suspend(message, recipients, reason)
            return
        message.pending += len(self.transport.add(message, destination, recipients))
        self._wake()

    def next_job(self) -> tuple[DeliveryRequest, OnReply] | None:
        entry = self.transport.next_entry() if self._in_rate else None
        if entry is None:
            return None
        self._may_start = False
        self._pause()
        message = entry.message
        assert isinstance(message, Message)
        destination, now = entry.destination, clock.now()
        request = message.request(destination.nexthop, entry.recipients, now)
        request = request._replace(flags=request.flags | destination.keeps_connections(now))
        return request, lambda reply: self._delivered(entry, message, reply)

    def startable(self, most: int) -> int:
        return self.transport.startable(most) if self._in_rate else 0

    def close(self) -> None:
        self._crew.close()

    def out_of_order(self, reason: str) -> None:
        """Nobody listens: everything that waits here is deferred, and so is what comes."""
        log, name = self._all.log, self.transport.name
        log.warning(f"connect to transport private/{name}: {reason}")
        self._stop(routing.NO_AGENT)

    def agent_died(self) -> None:
        """Who would have been next waits for another attempt; nobody knows a reason.

        The transport stays in order, as with Postfix: master(8) throttles what cannot start.
        """
        self._complain_of_answer()
        entry = self.transport.next_entry()
        if entry is not None:
            assert isinstance(entry.message, Message)
            self.transport.finished(entry, None)
            self._rest(entry.destination)
            self._all.on_delivered(entry.message, False)
            # Others in line are not told by another agent: this one was their hope too.
            self._all.loop.call_later(0, self._crew.wake)

    def nobody_came(self) -> None:
        """postconf(5) daemon_timeout: by now somebody should have had time for us."""
        self._all.log.warning(f"timeout connecting to transport: {self.transport.name}")
        self._stop(routing.NO_AGENT)

    def revive(self, nexthop: str = "") -> None:
        self.transport.reason = None
        for destination in list(self.transport.destinations.values()):
            if not nexthop or destination.nexthop == nexthop:
                self.transport.revive(destination)

    @property
    def _in_rate(self) -> bool:
        """postconf(5) default_transport_rate_delay: one delivery after each pause."""
        return self._may_start or not self.transport.policy.transport_rate_delay

    def _wake(self) -> None:
        self._pause()
        self._crew.wake()

    def _pause(self) -> None:
        delay = self.transport.policy.transport_rate_delay
        if delay and not self._pausing and not self._may_start:
            self._pausing = True
            self._all.loop.call_later(delay, self._end_pause)

    def _end_pause(self) -> None:
        self._pausing = False
        # Without work the next message has its pause when it comes.
        self._may_start = bool(self.transport.turns)
        self._crew.wake()

    def _delivered(self, entry: Entry, message: Message, reply: DeliveryReply | None) -> None:
        failure = reply.destination if reply is not None else None
        entry.destination.last_done = clock.now()
        if self.transport.finished(entry, failure):
            self._bury(entry.destination)
        self._rest(entry.destination)
        if reply is None:
            self._complain_of_answer()
            self._all.log.warning(
                f"transport {self.transport.name} failure -- see a previous"
                " warning/fatal/panic logfile record for the problem description"
            )
            self._stop(routing.NO_REPLY)
        self._all.on_delivered(message, reply is not None and reply.done)

    def _complain_of_answer(self) -> None:
        self._all.log.warning(f"private/{self.transport.name} socket: malformed response")

    def _detour(self, destination: Destination) -> str:
        """The next hop of retry(8) instead, or ""."""
        if self.transport.name == self._all.retry_service:
            return ""
        if self.transport.reason is not None:
            return routing.unavailable(self.transport.reason)
        if destination.reason is not None:
            return routing.suspended(destination.reason)
        return ""

    def _suspend(self, message: Message, recipients: list[Recipient], nexthop: str) -> None:
        self._all.line(self._all.retry_service).add(message, nexthop, nexthop, recipients)

    def _bury(self, destination: Destination) -> None:
        """The destination is dead: defer what waits for it, and look again later."""
        self._move_away(destination)
        later = self._all.config.seconds("minimal_backoff_time")
        self._all.loop.call_later(later, lambda: self.transport.revive(destination))

    def _stop(self, reason: DeliveryStatus) -> None:
        if self.transport.name == self._all.retry_service:
            self._give_up()
            return
        if self.transport.reason is None:
            later = self._all.config.seconds("transport_retry_time")
            self._all.loop.call_later(later, self._go_on)
        self.transport.reason = reason
        for destination in list(self.transport.destinations.values()):
            self._move_away(destination)

    def _go_on(self) -> None:
        self.transport.reason = None

    def _move_away(self, destination: Destination) -> None:
        reason = self._detour(destination)
        for entry in self.transport.withdraw(destination):
            assert isinstance(entry.message, Message)
            self._suspend(entry.message, list(entry.recipients), reason)
            # Added before this one is taken away: the count never touches zero in between.
            self._all.on_delivered(entry.message, True)

    def _give_up(self) -> None:
        """Without retry(8) nobody writes the reason down; the messages stay all the same."""
        for destination in list(self.transport.destinations.values()):
            for entry in self.transport.withdraw(destination):
                assert isinstance(entry.message, Message)
                self._all.on_delivered(entry.message, False)

    def _rest(self, destination: Destination) -> None:
        """postconf(5) default_destination_rate_delay: a pause after each delivery."""
        delay = self.transport.policy.rate_delay
        if delay <= 0:
            return
        destination.resting = True

        def resume() -> None:
            destination.resting = False
            self._crew.wake()

        self._all.loop.call_later(delay, resume)


def _by_domain(rcpt: Recipient) -> tuple[str, str]:
    domain = rcpt.address.lower().rpartition("@")[2]
    # Whole addresses are compared: "a2@" comes before "a@", as in Postfix.
    return domain, rcpt.address


def read_policy(config: Config, name: str) -> Policy:
    """The parameters TRANSPORT_destination_* with their general defaults."""
    prefix = f"{name}_destination"
    rate_delay = config.seconds(f"{prefix}_rate_delay")
    window = feedback.Limits(
        # With a pause after each delivery, parallel deliveries would defeat the pause.
        initial=1 if rate_delay else config.number(f"{name}_initial_destination_concurrency"),
        maximum=1 if rate_delay else config.number(f"{prefix}_concurrency_limit"),
        positive=feedback.parse_amount(config.text(f"{prefix}_concurrency_positive_feedback")),
        negative=feedback.parse_amount(config.text(f"{prefix}_concurrency_negative_feedback")),
        failed_cohorts=float(config.text(f"{prefix}_concurrency_failed_cohort_limit")),
    )
    return Policy(
        window,
        config.number(f"{prefix}_recipient_limit"),
        rate_delay,
        config.seconds(f"{name}_transport_rate_delay"),
    )
