"""The active queue: messages come in, their recipients get routes, and go to the transports.

STATES OF A MESSAGE
    incoming|deferred --rename--> active --all recipients tried--> completion
    The queue has a limit; when it is full, messages wait where they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from labctl.node.base import clock
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.log_line import Hop, delivery_line
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Recipient, mark_done
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag, Times
from labctl.node.mta.lib.services.rewrite import Resolved
from labctl.node.mta.qmgr import routing
from labctl.node.mta.qmgr.completion import Completion
from labctl.node.mta.qmgr.message import QUEUE, Locked, Message, load
from labctl.node.mta.qmgr.resolver import Resolver
from labctl.node.mta.qmgr.scan import Found
from labctl.node.mta.qmgr.transports import Transports
from labctl.node.wire.addresses import external

LOCKED_SECONDS: Final = 2.0


class ActiveQueue:
    """What is being delivered now."""

    def __init__(
        self,
        loop: EventLoop,
        config: Config,
        log: Log,
        queues: QueueDirectory,
        on_room: Callable[[], None],
    ) -> None:
        self._config, self._log, self._queues = config, log, queues
        self._on_room = on_room  # called when a message has left
        self._messages: dict[str, Message] = {}
        self._recipients = 0
        self._limit = config.number("qmgr_message_active_limit")
        self._recipient_limit = config.number("qmgr_message_recipient_limit")
        self._policy = routing.Policy.of(config)
        self.flush_deferred_transports = False
        path = ipc.service_path(config, "private", config.text("rewrite_service_name"))
        self.resolver = Resolver(loop, path)
        self.transports = Transports(loop, config, log, self._delivered)
        self._completion = Completion(loop, config, log, queues, self._gone)

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def has_room(self) -> bool:
        """postconf(5) qmgr_message_active_limit, qmgr_message_recipient_limit."""
        return len(self._messages) < self._limit and self._recipients < self._recipient_limit

    def activate(self, found: Found) -> bool:
        """Take a message in; False when somebody holds it, for some seconds at least."""
        if found.queue_id in self._messages:
            return True  # a short id that came again while its namesake is here
        try:
            self._queues.rename(found.queue_id, found.queue, QUEUE)
            path = self._queues.path(QUEUE, found.queue_id)
            message = load(path, found, clock.now())
        except FileNotFoundError:
            return True  # postsuper was faster
        except Locked:
            self._completion.postpone(found.queue_id, clock.now() + LOCKED_SECONDS)
            return False
        except CorruptQueueFile as error:
            self._set_aside(found.queue_id, error)
        else:
            self._start(message)
        return True

    def _start(self, message: Message) -> None:
        envelope = message.envelope
        recipients = [rcpt for rcpt in envelope.recipients if not rcpt.done]
        # The records of the last attempt; this one writes its own.
        self._queues.remove("defer", message.queue_id)
        self._log.info(
            f"{message.queue_id}: from=<{external(envelope.sender)}>, size={envelope.size},"
            f" nrcpt={len(recipients)} (queue active)"
        )
        self._messages[message.queue_id] = message
        self._recipients += len(recipients)
        Assignment(self, message, recipients)

    def route(self, message: Message, rcpt: Recipient, resolved: Resolved) -> routing.Route:
        flush = message.flush or self.flush_deferred_transports
        route = routing.route(message.envelope, rcpt, resolved, self._policy, flush=flush)
        if message.flush:
            # Flush by site: what is dead there gets another chance for this message.
            self.transports.revive(route.transport, route.nexthop)
        return route

    def assign(self, message: Message, routes: list[routing.Route]) -> None:
        """All routes are known."""
        message.pending += 1  # until the last is assigned, whatever returns earlier
        for route in routes:
            if route.discard:
                self._discard(message, route.recipient)
        self.transports.assign(message, [route for route in routes if not route.discard])
        self._delivered(message, True)

    def _discard(self, message: Message, rcpt: Recipient) -> None:
        """Nobody reads what could not be delivered even to the postmaster."""
        now = clock.now()
        times = Times(message.envelope.arrival, message.entered, now)
        result = "dsn=2.0.0, status=sent (undeliverable postmaster notification discarded)"
        line = delivery_line(message.queue_id, rcpt, Hop(), times, now=now, result=result)
        self._log.info(line)
        fd = os.open(self._queues.path(QUEUE, message.queue_id), os.O_RDWR)
        try:
            mark_done(fd, rcpt.offset)
        finally:
            os.close(fd)

    def _delivered(self, message: Message, done: bool) -> None:
        message.unfinished |= not done
        message.pending -= 1
        if message.pending == 0:
            self._completion.complete(message)

    def _gone(self, message: Message) -> None:
        del self._messages[message.queue_id]
        self._recipients -= sum(not rcpt.done for rcpt in message.envelope.recipients)
        self._on_room()

    def _set_aside(self, queue_id: str, error: CorruptQueueFile) -> None:
        self._log.warning(f"{QUEUE}/{queue_id}: {error}")
        self._log.warning(f"{queue_id}: message rejected: missing end record")
        self._log.warning(
            f'saving corrupt file "{queue_id}" from queue "{QUEUE}" to queue "corrupt"'
        )
        self._queues.rename(queue_id, QUEUE, "corrupt")


class Assignment:
    """The routes of one message, until all are there."""

    def __init__(self, active: ActiveQueue, message: Message, recipients: list[Recipient]):
        self._active, self._message = active, message
        self._missing = len(recipients)
        self._routes: list[routing.Route] = []
        if not recipients:
            active.assign(message, [])
        for rcpt in recipients:
            self._ask(rcpt)

    def _ask(self, rcpt: Recipient) -> None:
        envelope = self._message.envelope
        address = routing.question(envelope, rcpt)
        self._active.resolver.resolve(
            envelope.sender,
            address,
            lambda resolved: self._answer(rcpt, resolved),
            verify=bool(self._message.flags & DeliveryFlag.VERIFY_MTA),
        )

    def _answer(self, rcpt: Recipient, resolved: Resolved) -> None:
        self._routes.append(self._active.route(self._message, rcpt, resolved))
        self._missing -= 1
        if self._missing == 0:
            self._active.assign(self._message, self._routes)
