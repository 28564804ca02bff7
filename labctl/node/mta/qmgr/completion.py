"""The end of a message's visit to the active queue: reports, and then away or back.

ORDER
    bounce report -> success report -> fate -> removed | returned | deferred
    A report that cannot be sent keeps the message: it is deferred, and its logs stay.

WHAT A CRASH LEAVES
    Between a report and the removal the message is still in active/; the next qmgr finds all
    recipients done, and the reports gone with their logs, and removes it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Final

from labctl.node.base import clock
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.directory import COMPLETE, QueueDirectory
from labctl.node.mta.lib.services import bounce, ipc
from labctl.node.mta.qmgr.channel import ask
from labctl.node.mta.qmgr.fate import Fate, Patience, fate, next_attempt
from labctl.node.mta.qmgr.message import QUEUE, Message, clear_warning
from labctl.node.wire.addresses import external

Then = Callable[[Message], None]


class Completion:
    """Decides with ``fate`` and does it."""

    def __init__(
        self, loop: EventLoop, config: Config, log: Log, queues: QueueDirectory, gone: Then
    ) -> None:
        self._loop, self._config, self._log, self._queues = loop, config, log, queues
        self._gone = gone  # called when the message has left the active queue
        self._patience = read_patience(config, log)

    def complete(self, message: Message) -> None:
        """All recipients have had their try."""
        self._report(message, "bounce", self._trace)

    def postpone(self, queue_id: str, when: float) -> None:
        """Back to deferred/, with the time of the next attempt as the time of the file."""
        path = self._queues.path(QUEUE, queue_id)
        with contextlib.suppress(FileNotFoundError):  # postsuper -d in the meantime
            # A flush asked for this attempt, not for the next.
            os.chmod(path, os.stat(path).st_mode & ~0o040 | COMPLETE)
            os.utime(path, (when, when))
            self._queues.rename(queue_id, QUEUE, "deferred")

    def _trace(self, message: Message) -> None:
        self._report(message, "trace", self._decide)

    def _report(self, message: Message, service: str, then: Then) -> None:
        """Have the log of the service made into a report, if there is one."""
        if not os.path.exists(self._queues.path(service, message.queue_id)):
            then(message)
            return
        request = bounce.flush_request("flush", message.subject())
        request["flags"] = str(int(message.flags))

        def answered(reply: dict[str, str] | None) -> None:
            if not _succeeded(reply):
                message.unfinished = True
                self._log.info(f"{message.queue_id}: status=deferred ({service} failed)")
            then(message)

        self._ask(service, request, answered)

    def _decide(self, message: Message) -> None:
        DEEDS[
            fate(
                message.envelope,
                self._patience,
                unfinished=message.unfinished,
                now=clock.now(),
                expire=message.expire,
            )
        ](self, message)

    def _remove(self, message: Message) -> None:
        # The moment at which we are no longer responsible.
        self._queues.remove(QUEUE, message.queue_id)
        self._queues.remove("defer", message.queue_id)
        self._log.info(f"{message.queue_id}: removed")
        self._gone(message)

    def _return(self, message: Message) -> None:
        word = "force-expired" if message.expire else "expired"
        sender = external(message.envelope.sender)
        self._log.info(
            f"{message.queue_id}: from=<{sender}>, status={word}, returned to sender"
        )

        def answered(reply: dict[str, str] | None) -> None:
            (self._remove if _succeeded(reply) else self._postpone)(message)

        request = bounce.flush_request("flush", message.subject())
        self._ask("defer", request, answered)

    def _warn(self, message: Message) -> None:
        def answered(reply: dict[str, str] | None) -> None:
            if _succeeded(reply):
                with contextlib.suppress(OSError):
                    clear_warning(self._queues.path(QUEUE, message.queue_id))
            self._postpone(message)

        self._ask("defer", bounce.flush_request("warn", message.subject()), answered)

    def _postpone(self, message: Message) -> None:
        when = next_attempt(message.envelope, self._patience, clock.now())
        self.postpone(message.queue_id, when)
        self._gone(message)

    def _ask(
        self,
        service: str,
        request: dict[str, str],
        answered: Callable[[dict[str, str] | None], None],
    ) -> None:
        name = self._config.text(f"{service}_service_name")
        ask(self._loop, ipc.service_path(self._config, "private", name), request, answered)


def read_patience(config: Config, log: Log) -> Patience:
    """The times of main.cf, brought into order as qmgr(8) does, with its words."""
    times = {name: config.seconds(name) for name in ORDERED}
    for smaller, larger in ((ORDERED[0], ORDERED[1]), (ORDERED[3], ORDERED[2])):
        if times[smaller] > times[larger]:
            log.warning(f"{smaller} is larger than {larger} - adjusting {smaller}")
            times[smaller] = times[larger]
    return Patience(*times.values())


ORDERED: Final = (
    "minimal_backoff_time",
    "maximal_backoff_time",
    "maximal_queue_lifetime",
    "bounce_queue_lifetime",
)


def _succeeded(reply: dict[str, str] | None) -> bool:
    return reply is not None and reply.get("status") == "0"


DEEDS: dict[Fate, Callable[[Completion, Message], None]] = {
    Fate.REMOVE: Completion._remove,
    Fate.RETURN: Completion._return,
    Fate.WARN: Completion._warn,
    Fate.POSTPONE: Completion._postpone,
}
