"""qmgr(8): one process, one event loop, from incoming/ to the delivery agents.

TRIGGERS (one byte each, to public/qmgr)
    W  time passes: look at incoming/      I  cleanup has something new
    D  look at deferred/                   A  and ignore the times of the files
    F  forget what is dead; defer_transports does not hold for once

WHAT A CRASH LEAVES
    active/ as it was.  The next qmgr, once it is alone, moves it to incoming/ and begins again;
    recipients marked as done are done, and a message that an agent still holds by its lock is
    left alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.base import clock
from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.daemon.predecessor import outlive_predecessor
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.daemon.triggers import accept_triggers
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.qmgr.active import LOCKED_SECONDS, ActiveQueue
from labctl.node.mta.qmgr.scan import Scan

BATCH: Final = 20  # messages taken in before the loop looks at anything else


class QueueManager:
    """Scans on one side, the active queue on the other, triggers and timers between."""

    def __init__(self, context: ServiceContext, loop: EventLoop) -> None:
        self._context, self._loop = context, loop
        self._queues = QueueDirectory(context.config)
        self.incoming = Scan(self._queues, "incoming")
        self.deferred = Scan(self._queues, "deferred")
        self.active = ActiveQueue(loop, context.config, context.log, self._queues, self._room)
        self._feeding = self._looking_again = self._is_full = False

    def start(self) -> None:
        """Find everything that a predecessor has left."""
        for entry in list(self._queues.scan("active")):
            self._take_over(entry)
        self.incoming.start()
        self._run_queue()

    def trigger(self, data: bytes) -> None:
        """Obey the bytes of a trigger; those that change how come before those that do."""
        ignore_time = b"A" in data
        for byte in data:
            deed = TRIGGERS.get(byte)
            if deed is not None:
                deed(self, ignore_time)
        self._feed_soon()

    def close(self) -> None:
        """Hang up on everybody."""
        self.active.resolver.close()
        self.active.transports.close()

    def flush(self, _ignore_time: bool) -> None:
        self.active.flush_deferred_transports = True
        self.active.resolver.forget()
        self.active.transports.revive()

    def scan_incoming(self, ignore_time: bool) -> None:
        self.incoming.start(ignore_time=ignore_time)

    def scan_deferred(self, ignore_time: bool) -> None:
        self.deferred.start(ignore_time=ignore_time)

    def _take_over(self, entry: os.DirEntry[str]) -> None:
        # A time that is still to come was set by a predecessor that gave up until then, and
        # died before the rename; in incoming/ nobody would look for it at that time.
        with contextlib.suppress(FileNotFoundError):  # postsuper was faster
            is_postponed = entry.stat(follow_symlinks=False).st_mtime > clock.now() + 1
            self._queues.rename(
                entry.name, "active", "deferred" if is_postponed else "incoming"
            )

    def _run_queue(self) -> None:
        """postconf(5) queue_run_delay."""
        self.deferred.start()
        self._loop.call_later(
            max(self._context.config.seconds("queue_run_delay"), 1), self._run_queue
        )
        self._feed_soon()

    def _feed_soon(self) -> None:
        if not self._feeding:
            self._feeding = True
            self._loop.call_later(0, self._feed)

    def _feed(self) -> None:
        """Take in some messages, by turns from both queues: old mail must not stop new mail."""
        self._feeding = False
        for _ in range(BATCH):
            if not self.active.has_room:
                self._is_full = True
                return
            found = [scan.next() for scan in (self.incoming, self.deferred) if scan.is_active]
            for message in filter(None, found):
                if not self.active.activate(message):
                    self._look_again_soon()
        if self.incoming.is_active or self.deferred.is_active:
            self._feed_soon()
        else:
            self.active.flush_deferred_transports = False

    def _room(self) -> None:
        if self._is_full:
            self._is_full = False
            self._feed_soon()

    def _look_again_soon(self) -> None:
        """A predecessor's agent holds a message, which must not wait for a queue run."""
        if not self._looking_again:
            self._looking_again = True
            self._loop.call_later(LOCKED_SECONDS + 1, self._look_again)

    def _look_again(self) -> None:
        self._looking_again = False
        self.deferred.start()
        self._feed_soon()


def prepare(context: ServiceContext) -> None:
    """While a predecessor still moves messages, active/ is not ours."""
    outlive_predecessor(context)


def serve(context: ServiceContext) -> None:
    """Run until master ends us."""
    loop = EventLoop()
    qmgr = QueueManager(context, loop)
    accept_triggers(context, loop, qmgr.trigger)
    qmgr.start()
    # Proof for master that we work: whoever dies before it is not started again at once.
    context.status.busy()
    context.status.idle()
    loop.run()
    qmgr.close()


# The letters of qmgr(8).
TRIGGERS: Final[Mapping[int, Callable[[QueueManager, bool], None]]] = {
    ord("F"): QueueManager.flush,
    ord("I"): QueueManager.scan_incoming,
    ord("W"): QueueManager.scan_incoming,
    ord("D"): QueueManager.scan_deferred,
}
