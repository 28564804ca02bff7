"""Which delivery is next: fair between destinations, and between messages to one destination.

STRUCTURE
    Scheduler -> Transport (smtp) -> Destination (example.test) -> jobs, one per message
    -> Entry: one delivery request, some recipients of one message

WHY ROUND ROBIN TWICE
    A transport turns from destination to destination, so that a slow site does not hold up
    the others.  A destination turns from message to message, so that a letter to one person
    goes out between the hundreds of requests of a mailing list.

NOT HERE
    Sockets and time.  The caller asks for ``next_entry()`` when an agent is free, and calls
    ``finished()`` when the agent has answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag
from labctl.node.mta.qmgr import feedback

BACK_TO_BACK: Final = 1.0  # seconds between two deliveries that count as a row


class MessageName(Protocol):
    """All that the scheduler knows of a message."""

    @property
    def queue_id(self) -> str: ...

    @property
    def one_by_one(self) -> bool:
        """Whether each recipient must have a request of its own."""


# What a message still has for a destination, the next one last: a list, not a deque, because
# of many thousand messages most have one entry each.
Job = list["Entry"]


class Policy(NamedTuple):
    """The parameters of one transport that the scheduler obeys."""

    window: feedback.Limits
    recipient_limit: int = 50
    rate_delay: float = 0.0  # after each delivery to a destination
    transport_rate_delay: float = 0.0  # before each delivery, whatever the destination


@dataclass(slots=True, eq=False)
class Destination:
    """One next hop of one transport."""

    name: str  # tells destinations apart; a user's mailbox for agents of one recipient
    nexthop: str
    window: feedback.Window
    busy: int = 0
    resting: bool = False  # rate delay
    reuse: DeliveryFlag = DeliveryFlag.NONE  # what agents are told about connections
    last_done: float = 0.0  # when a delivery to it ended
    reason: DeliveryStatus | None = None  # why it is dead
    jobs: deque[Job] = field(default_factory=deque)  # in the order of their turns

    @property
    def is_eligible(self) -> bool:
        return bool(self.jobs) and self.busy < self.window.size and not self.resting

    @property
    def is_idle(self) -> bool:
        return not self.jobs and not self.busy

    def keeps_connections(self, now: float) -> DeliveryFlag:
        """postconf(5) smtp_connection_cache_on_demand: while one delivery follows another.

        When the rush is over, connections that are kept are still used, but no more are kept.
        """
        back_to_back = now <= self.last_done + BACK_TO_BACK
        if back_to_back:
            self.reuse |= DeliveryFlag.CONNECTION_LOAD | DeliveryFlag.CONNECTION_STORE
        elif self.busy <= 1:
            self.reuse &= ~DeliveryFlag.CONNECTION_STORE
        return self.reuse


@dataclass(slots=True, eq=False)
class Entry:
    """One delivery request to come."""

    message: MessageName
    transport: Transport
    destination: Destination
    recipients: tuple[Recipient, ...]


@dataclass(slots=True, eq=False)
class Transport:
    """One service of master.cf that delivers."""

    name: str
    policy: Policy
    destinations: dict[str, Destination] = field(default_factory=dict)
    turns: deque[Destination] = field(default_factory=deque)  # those with jobs
    reason: DeliveryStatus | None = None  # why the service as a whole is out of order

    def destination(self, name: str, nexthop: str) -> Destination:
        """The destination of this name, new if need be."""
        found = self.destinations.get(name)
        if found is None:
            window = feedback.Window(self.policy.window.initial)
            found = self.destinations[name] = Destination(name, nexthop, window)
        return found

    def add(
        self, message: MessageName, destination: Destination, recipients: list[Recipient]
    ) -> list[Entry]:
        """Queue the recipients, as few requests as the recipient limit allows."""
        limit = 1 if message.one_by_one else self.policy.recipient_limit or len(recipients)
        entries = [
            Entry(message, self, destination, tuple(recipients[start : start + limit]))
            for start in range(0, len(recipients), limit)
        ]
        if not destination.jobs:
            self.turns.append(destination)
        destination.jobs.append(entries[::-1])
        return entries

    def next_entry(self) -> Entry | None:
        """The entry whose turn it is; it counts as running from now on."""
        for _ in range(len(self.turns)):
            destination = self.turns[0]
            self.turns.rotate(-1)
            if destination.is_eligible:
                return self._start(destination)
        return None

    def startable(self, most: int) -> int:
        """How many entries could run at once from now on; counting ends at ``most``."""
        count = 0
        for destination in self.turns:
            if destination.is_eligible:
                room = destination.window.size - destination.busy
                # A message may have several entries; that there is one is enough to go on.
                count += min(room, len(destination.jobs))
                if count >= most:
                    return most
        return count

    def finished(self, entry: Entry, failure: DeliveryStatus | None) -> bool:
        """Note the end of a delivery; True when its destination has died of it."""
        destination, limits = entry.destination, self.policy.window
        was_dead = destination.window.is_dead
        if failure is None:
            destination.window = feedback.after_success(
                destination.window, destination.busy, limits
            )
        else:
            destination.window = feedback.after_failure(destination.window, limits)
        destination.busy -= 1
        destination.reason = failure if destination.window.is_dead else None
        if destination.is_idle and not destination.window.is_dead:
            self.destinations.pop(destination.name, None)
        return destination.window.is_dead and not was_dead

    def revive(self, destination: Destination) -> None:
        """Give a dead destination another chance."""
        if destination.window.is_dead:
            destination.window = feedback.Window(self.policy.window.initial)
            destination.reason = None
        if destination.is_idle:
            self.destinations.pop(destination.name, None)

    def withdraw(self, destination: Destination) -> Iterator[Entry]:
        """Take back everything that waits for a destination."""
        jobs, destination.jobs = destination.jobs, deque()
        if jobs:
            self.turns.remove(destination)
        for job in jobs:
            yield from reversed(job)

    def _start(self, destination: Destination) -> Entry:
        job = destination.jobs.popleft()
        entry = job.pop()
        # The message goes to the end of the line, with what is left of it.
        if job:
            destination.jobs.append(job)
        if not destination.jobs:
            self.turns.remove(destination)
        destination.busy += 1
        return entry
