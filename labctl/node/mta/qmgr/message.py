"""A message of the active queue: what qmgr keeps of it in memory, and how it is read."""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass

from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import Envelope, Recipient
from labctl.node.mta.lib.queue.verp import verp_sender
from labctl.node.mta.lib.services import bounce
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag, DeliveryRequest, Times
from labctl.node.mta.qmgr.scan import Found

QUEUE = "active"


class Locked(Exception):
    """An agent of a qmgr before us is still delivering the message."""


@dataclass(slots=True, eq=False)
class Message:
    """One message; ``pending`` counts what must happen before its fate is decided."""

    queue_id: str
    envelope: Envelope
    flags: DeliveryFlag
    entered: float  # the active queue
    flush: bool = False
    expire: bool = False
    pending: int = 0
    unfinished: bool = False  # a recipient must be tried again

    @property
    def one_by_one(self) -> bool:
        """VERP: each recipient sees a sender of its own."""
        return bool(self.envelope.verp and self.envelope.sender)

    def subject(self) -> bounce.Subject:
        """The message, as bounce(8) wants to hear of it."""
        envelope = self.envelope
        return bounce.Subject(
            QUEUE,
            self.queue_id,
            envelope.sender,
            envelope.attributes.get("encoding", ""),
            envelope.smtputf8,
            envelope.dsn_envelope_id,
            envelope.dsn_ret,
        )

    def request(
        self, nexthop: str, recipients: tuple[Recipient, ...], handoff: float
    ) -> DeliveryRequest:
        """What an agent gets to see of it."""
        envelope = self.envelope
        return DeliveryRequest(
            queue_name=QUEUE,
            queue_id=self.queue_id,
            data_offset=envelope.data_offset,
            data_size=envelope.size,
            sender=self._sender_for(recipients[0]),
            nexthop=nexthop,
            recipients=recipients,
            times=Times(envelope.arrival, self.entered, handoff),
            flags=self.flags,
            encoding=envelope.attributes.get("encoding", ""),
            smtputf8=envelope.smtputf8,
            dsn_envelope_id=envelope.dsn_envelope_id,
            dsn_ret=envelope.dsn_ret,
            attributes=envelope.attributes,
        )

    def _sender_for(self, rcpt: Recipient) -> str:
        sender = self.envelope.sender
        return verp_sender(sender, rcpt, self.envelope.verp) if self.one_by_one else sender


def load(path: str, found: Found, now: float) -> Message:
    """Read a queue file; Locked, CorruptQueueFile, or OSError when it has gone."""
    with contextlib.closing(os.fdopen(os.open(path, os.O_RDONLY), "rb", buffering=0)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked from None
        envelope = queue_file.read_envelope(file.fileno())
    flags = DeliveryFlag(int(envelope.attributes.get("trace_flags", "0") or 0))
    return Message(found.queue_id, envelope, flags, now, found.flush, found.expire)


def clear_warning(path: str) -> None:
    """The delay report has been sent: zero the time of it, in place, so that it is not again.

    The record keeps its length, because the offsets behind it are known to others.
    """
    fd = os.open(path, os.O_RDWR)
    try:
        head = os.pread(fd, queue_file.SIZE_FIELD_WIDTH + 2, 0)
        envelope = os.pread(fd, queue_file.parse_size(head).data_offset, 0)
        for record in queue_file.decode(envelope):
            if record.kind == queue_file.WARN_TIME and len(record.data) < 128:
                os.pwrite(fd, b"0" * len(record.data), record.offset + 2)
    finally:
        os.close(fd)
