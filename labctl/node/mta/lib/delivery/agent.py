"""The skeleton of every delivery agent: receive a request, try, log, mark, answer.

INPUT AND OUTPUT
    ``serve_deliveries(context, deliver)``: ``deliver(delivery, recipient)`` tries one recipient
    and returns its ``DeliveryStatus``, or None when it has settled it itself (an alias whose
    members were recorded one by one).  Agents that take all recipients in one go (smtp, pipe)
    use ``serve_batches``: ``deliver(delivery)`` calls ``delivery.settle()`` for each of them
    and returns the status of the *destination* when that failed, else None.

STATES OF A RECIPIENT
    R in the queue file --settle(delivered or failed)--> D; anything else leaves R, and the
    next attempt finds it.  D is written after the message is safe elsewhere, never before: a
    crash between the two delivers twice, and loses nothing.
    The death of qmgr alone delivers nothing twice: the mark is made in the open file, and a
    request whose qmgr was gone before we held the message is forgotten.

BUGS
    A request is believed: only qmgr can reach private/.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock, sockets
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon import server
from labctl.node.mta.lib.delivery.log_line import Hop, delivery_line
from labctl.node.mta.lib.delivery.status_filter import StatusFilter
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify, deferred
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import bounce, flush, ipc, verify
from labctl.node.mta.lib.services.delivery_request import (
    DeliveryFlag,
    DeliveryReply,
    DeliveryRequest,
    Times,
)

__all__ = [
    "Delivery",
    "DeliveryFlag",
    "DeliveryReply",
    "DeliveryRequest",
    "Hop",
    "Recipient",
    "Times",
    "serve_batches",
    "serve_deliveries",
]


@dataclass
class Delivery:
    """One request in the hands of an agent."""

    request: DeliveryRequest
    config: Config
    log: Log
    fd: int  # the queue file: its name may change while we work, when qmgr dies
    status_filter: StatusFilter | None = None
    hop: Hop = field(default_factory=Hop)  # what ``settle`` logs unless told otherwise
    unfinished: set[int] = field(default_factory=set)  # offsets of recipients to try again

    def settle(self, rcpt: Recipient, status: DeliveryStatus, hop: Hop | None = None) -> None:
        """Log and record the outcome; mark the recipient done if it is not to be retried."""
        if self.record(rcpt, status, hop):
            self.mark_done(rcpt)
        else:
            self.unfinished.add(rcpt.offset)

    def record(self, rcpt: Recipient, status: DeliveryStatus, hop: Hop | None = None) -> bool:
        """Log and record the outcome of an address that has no place in the queue file.

        True when the address needs no further attempt.  local(8) calls this for every member
        of an alias, and settles the alias when all members are done.
        """
        if self.status_filter is not None:
            status = self.status_filter.change(status)
        return RECORDERS[status.action](self, rcpt, status, hop or self.hop)

    def mark_done(self, rcpt: Recipient) -> None:
        if rcpt.offset and not self.request.flags & DeliveryFlag.VERIFY_MTA:
            queue_file.mark_done(self.fd, rcpt.offset)

    def content(self) -> bytes:
        """The message with LF line ends."""
        return queue_file.read_content(self.fd)

    def log_line(self, rcpt: Recipient, status: DeliveryStatus, hop: Hop, word: str) -> None:
        result = f"dsn={status.status}, status={word} ({status.reason})"
        times, now = self.request.times, clock.now()
        finest = self.config.number("delay_logging_resolution_limit")
        line = delivery_line(
            self.request.queue_id, rcpt, hop, times, now=now, result=result, finest=finest
        )
        self.log.info(line)

    def append(self, service: str, rcpt: Recipient, status: DeliveryStatus) -> bool:
        return bounce.append(self.config, service, self.request.queue_id, rcpt, status)


DeliverOne = Callable[[Delivery, Recipient], DeliveryStatus | None]
DeliverBatch = Callable[[Delivery], DeliveryStatus | None]


def serve_deliveries(
    context: server.ServiceContext, deliver: DeliverOne, *, relay: str = ""
) -> None:
    """Serve requests one recipient after the other; ``relay`` is what the log calls us."""

    def each(delivery: Delivery) -> None:
        delivery.hop = Hop(relay)
        for rcpt in delivery.request.recipients:
            status = deliver(delivery, rcpt)
            if status is not None:
                delivery.settle(rcpt, status)

    serve_batches(context, each)


def serve_batches(
    context: server.ServiceContext,
    deliver: DeliverBatch,
    *,
    get_ready: Callable[[], object] = lambda: None,
) -> None:
    """Serve requests whose recipients are tried together.

    ``get_ready`` is called when somebody has connected: what is Fatal there is known to qmgr,
    which defers, where an agent that dies earlier would leave it waiting for the next one.
    """

    def serve(connection: socket.socket) -> None:
        get_ready()
        # qmgr chooses the message when an agent is ready, sends one request after the other on
        # a connection, and hangs up when it has no more.
        ipc.send(connection, {"ready": "1"})
        while pairs := ipc.receive(connection):
            request = DeliveryRequest.from_attributes(pairs)
            with _held(context, request) as fd:
                # qmgr died before we held the message: its successor did not see that we do,
                # and may have given it to somebody else.
                if sockets.has_hung_up(connection):
                    return
                reply = _handle(context, request, deliver, fd)
            ipc.send(connection, reply.to_attributes())

    server.serve_single(context, serve)


@contextlib.contextmanager
def _held(context: server.ServiceContext, request: DeliveryRequest) -> Iterator[int]:
    """The queue file, open and locked; -1 when it has gone."""
    path = QueueDirectory(context.config).path(request.queue_name, request.queue_id)
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        # postsuper -d between qmgr's decision and ours.
        context.log.warning(f"open {request.queue_name} {request.queue_id}: no such message")
        yield -1
        return
    try:
        # While we hold this, a qmgr that was restarted leaves the message alone.
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield fd
    finally:
        os.close(fd)


def _handle(
    context: server.ServiceContext, request: DeliveryRequest, deliver: DeliverBatch, fd: int
) -> DeliveryReply:
    if fd < 0:
        return DeliveryReply(done=False)
    status_filter = StatusFilter.of(context.config, context.program, context.log.warning)
    delivery = Delivery(request, context.config, context.log, fd, status_filter=status_filter)
    destination = deliver(delivery)
    return DeliveryReply(not delivery.unfinished, destination)


def _sent(delivery: Delivery, rcpt: Recipient, status: DeliveryStatus, hop: Hop) -> bool:
    """postconf(5) notify_classes has no class for success: only the sender can ask for it."""
    if delivery.request.verify_only:
        return _verified(delivery, rcpt, status, hop, "deliverable")
    wanted = delivery.request.flags & DeliveryFlag.RECORD or rcpt.notify & Notify.SUCCESS
    if wanted and not delivery.append("trace", rcpt, _via(status, hop)):
        late = deferred("trace service failure")
        return _delayed(delivery, rcpt, late, hop)
    delivery.log_line(rcpt, status, hop, "sent")
    return True


def _failed(delivery: Delivery, rcpt: Recipient, status: DeliveryStatus, hop: Hop) -> bool:
    if delivery.request.verify_only:
        return _verified(delivery, rcpt, status, hop, "undeliverable")
    if delivery.config.flag("soft_bounce"):
        return _delayed(delivery, rcpt, status.softened(), hop, "SOFTBOUNCE")
    if not delivery.append("bounce", rcpt, status):
        late = deferred("bounce or trace service failure")
        return _delayed(delivery, rcpt, late, hop)
    if delivery.request.flags & DeliveryFlag.RECORD:
        delivery.append("trace", rcpt, _via(status, hop))
    delivery.log_line(rcpt, status, hop, "bounced")
    return True


def _delayed(
    delivery: Delivery,
    rcpt: Recipient,
    status: DeliveryStatus,
    hop: Hop,
    word: str = "deferred",
) -> bool:
    if delivery.request.verify_only:
        return _verified(delivery, rcpt, status, hop, "undeliverable")
    delivery.append("defer", rcpt, status)
    flush.add(delivery.config, rcpt.address, delivery.request.queue_id)
    if delivery.request.flags & DeliveryFlag.RECORD:
        delivery.append("trace", rcpt, _via(status, hop))
    delivery.log_line(rcpt, status, hop, word)
    return False


def _verified(
    delivery: Delivery, rcpt: Recipient, status: DeliveryStatus, hop: Hop, action: str
) -> bool:
    """A probe ends with its first answer, whatever it is."""
    if delivery.request.flags & DeliveryFlag.VERIFY_MTA:
        verify.update(delivery.config, rcpt.original or rcpt.address, status)
    else:
        delivery.append("trace", rcpt, _via(status, hop)._replace(action=action))
    delivery.log_line(rcpt, status, hop, action)
    return True


def _via(status: DeliveryStatus, hop: Hop) -> DeliveryStatus:
    """A report that was asked for says through what, because the text alone does not."""
    if not hop.relay:
        return status
    return status._replace(reason=f"delivery via {hop.relay}: {status.reason}")


RECORDERS: Final[dict[str, Callable[[Delivery, Recipient, DeliveryStatus, Hop], bool]]] = {
    "delivered": _sent,
    "relayed": _sent,
    "expanded": _sent,
    "failed": _failed,
    "delayed": _delayed,
}
