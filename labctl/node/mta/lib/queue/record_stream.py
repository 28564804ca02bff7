"""A message as a stream of records: the words for what cleanup(8) and maildrop take.

INPUT AND OUTPUT
    A subclass says in ``raw()`` where encoded records go; the rest is what they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from labctl.node.base import clock
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import Recipient


class RecordStream(ABC):
    """Envelope, then content, record by record."""

    @abstractmethod
    def raw(self, encoded: bytes) -> None:
        """Records that are encoded already: the way for content."""

    def record(self, kind: int, data: bytes = b"") -> None:
        """One record."""
        self.raw(queue_file.encode(kind, data))

    def attribute(self, name: str, value: str) -> None:
        """A named attribute of the envelope."""
        self.raw(queue_file.encode_attribute(name, value))

    def envelope(
        self, sender: str, recipients: Iterable[Recipient], *, arrival: float | None = None
    ) -> None:
        """Arrival time, sender and recipients.  Attributes of the message come before."""
        when = clock.now() if arrival is None else arrival
        self.record(queue_file.TIME, f"{int(when)} {int(when % 1 * 1_000_000)}".encode())
        self.record(queue_file.FROM, _bytes(sender))
        for recipient in recipients:
            self.recipient(recipient)

    def recipient(self, recipient: Recipient) -> None:
        """One recipient with the attributes that belong to it."""
        if recipient.dsn_original:
            self.attribute("dsn_orig_rcpt", recipient.dsn_original)
        if recipient.notify:
            self.attribute("notify_flags", str(int(recipient.notify)))
        if recipient.original:
            self.record(queue_file.ORIGINAL_RECIPIENT, _bytes(recipient.original))
        self.record(queue_file.RECIPIENT, _bytes(recipient.address))

    def content(self, text: bytes) -> None:
        """M, then the whole message with LF line ends."""
        self.record(queue_file.CONTENT)
        self.raw(queue_file.encode_lines(text))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
