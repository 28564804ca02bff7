"""Delivery agents that are free: connections to private/SERVICE, kept while there is work.

STATES OF A CONNECTION
    connecting --"ready"--> free --request--> busy --reply--> free --no work--> closed
    connecting --the agent dies--> lost, with a message that would have been next
    connecting --nobody comes for hours--> closed, and the transport is out of order

WHY WAIT FOR "READY"
    master starts as many agents as master.cf allows.  A connection that no agent has accepted
    yet would bind a message to a place in a line; so the message is chosen when one is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from labctl.node.base import clock
from labctl.node.base.events import EventLoop, Timer
from labctl.node.mta.lib.services.delivery_request import DeliveryReply, DeliveryRequest
from labctl.node.mta.qmgr.channel import Channel

OnReply = Callable[[DeliveryReply | None], None]

CONNECTING: Final = 4  # connections that may wait to be accepted
IDLE_SECONDS: Final = 1.0
MAX_USE: Final = 100  # as postconf(5) max_use: what an agent leaks, it leaks so often
PATIENCE: Final = 18000.0  # as postconf(5) daemon_timeout
RETRY_SECONDS: Final = 0.2  # the backlog of the service is full


class Agent:
    """One connection to one agent."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.on_reply: OnReply | None = None
        self.uses = 0
        self.idle: Timer | None = None
        self.ready = False
        self.called = clock.uptime()
        self.channel = Channel(crew.loop, crew.path, self._receive)

    def deliver(self, request: DeliveryRequest, on_reply: OnReply) -> None:
        if self.idle is not None:
            self.idle.cancel()
        self.on_reply, self.uses = on_reply, self.uses + 1
        self.channel.send(request.to_attributes())

    def _receive(self, message: dict[str, str] | None) -> None:
        on_reply, self.on_reply = self.on_reply, None
        if message is None:
            self.crew.lost(self, was_ready=self.ready, was_busy=on_reply is not None)
        if on_reply is not None:
            on_reply(_parse(message) if message is not None else None)
        if message is not None:
            self.crew.became_ready(self)


class Jobs(Protocol):
    """What a crew asks of whoever has the work."""

    def next_job(self) -> tuple[DeliveryRequest, OnReply] | None:
        """The request whose turn it is; it is running from now on."""

    def startable(self, most: int) -> int:
        """How many requests could run now besides those that do, counted up to ``most``."""

    def out_of_order(self, reason: str) -> None:
        """Nobody can be reached."""

    def agent_died(self) -> None:
        """An agent has accepted us, and ended before it could take anything."""

    def nobody_came(self) -> None:
        """No agent has accepted us in all the time that one may take for its work."""


class Crew:
    """All agents of one transport."""

    def __init__(
        self, loop: EventLoop, path: str, jobs: Jobs, patience: float = PATIENCE
    ) -> None:
        self.loop, self.path, self._jobs, self._patience = loop, path, jobs, patience
        self._all: set[Agent] = set()
        self._connecting: set[Agent] = set()
        self._free: list[Agent] = []
        self._retry: Timer | None = None
        self._watch_timer: Timer | None = None

    def wake(self) -> None:
        """There is work: give it to who is free, or call for more hands."""
        while self._free and (job := self._jobs.next_job()):
            self._free.pop().deliver(*job)
        self._call_for_more()

    def became_ready(self, agent: Agent) -> None:
        """The agent has accepted us, or has answered."""
        agent.ready = True
        self._connecting.discard(agent)
        if agent.uses >= MAX_USE:
            self._hang_up(agent)
        elif job := self._jobs.next_job():
            agent.deliver(*job)
        else:
            self._free.append(agent)
            agent.idle = self.loop.call_later(IDLE_SECONDS, lambda: self._dismiss(agent))
        # One that has just left may have had work for those who stand by.
        self.wake()

    def lost(self, agent: Agent, *, was_ready: bool, was_busy: bool) -> None:
        """The agent hung up: at its leisure, or in the middle of something."""
        self._all.discard(agent)
        self._connecting.discard(agent)
        if agent in self._free:
            self._free.remove(agent)
        if not was_ready and not was_busy:
            self._jobs.agent_died()

    def close(self) -> None:
        """Let go of all agents; who is delivering goes on without us."""
        for agent in list(self._all):
            self._hang_up(agent)

    def _call_for_more(self) -> None:
        """Connect once more if somebody would have to wait otherwise."""
        waiting = len(self._connecting)
        if self._free or waiting >= self._jobs.startable(CONNECTING):
            return
        try:
            agent = Agent(self)
        except BlockingIOError:
            if self._retry is None:
                self._retry = self.loop.call_later(RETRY_SECONDS, self._try_again)
        except OSError as error:
            self._jobs.out_of_order(error.strerror or str(error))
        else:
            self._all.add(agent)
            self._connecting.add(agent)
            # Otherwise a program that never starts would keep mail in active/ for ever.
            self._watch()

    def _try_again(self) -> None:
        self._retry = None
        self.wake()

    def _watch(self) -> None:
        if self._watch_timer is None and self._connecting:
            self._watch_timer = self.loop.call_later(self._patience, self._look_at_watch)

    def _look_at_watch(self) -> None:
        self._watch_timer = None
        long_ago = clock.uptime() - self._patience
        forgotten = [agent for agent in self._connecting if agent.called <= long_ago]
        for agent in forgotten:
            self._connecting.discard(agent)
            self._hang_up(agent)
        self._watch()
        if forgotten:
            self._jobs.nobody_came()

    def _dismiss(self, agent: Agent) -> None:
        if agent in self._free:
            self._free.remove(agent)
            self._hang_up(agent)

    def _hang_up(self, agent: Agent) -> None:
        self._all.discard(agent)
        agent.channel.close()


def _parse(message: dict[str, str]) -> DeliveryReply | None:
    try:
        return DeliveryReply.from_attributes(message)
    except KeyError:
        return None
