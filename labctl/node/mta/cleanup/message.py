"""One message on its way through cleanup: what is known of it, and where its records go.

STAGES
    envelope > header > body > extracted > finish.  Each stage adds to the Message; output
    goes to the QueueWriter until something is wrong that cannot be returned to the sender.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import Final

from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.dsn import Notify, Ret
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import Flags, Stat

FLUSH_SIZE: Final = 256 * 1024

# With these nothing more is written: what is there could not even be returned.
INCOMPLETE: Final = Stat.BAD | Stat.WRITE | Stat.SIZE | Stat.DEFER
CANNOT_BOUNCE: Final = Stat.BAD | Stat.WRITE | Stat.DEFER | Stat.PROXY | Stat.NOPERM | Stat.RCPT
ALL: Final = ~Stat.OK


# The bits of the size record: somebody said SMTPUTF8, and what made it necessary.
UTF8_REQUESTED: Final = 1
UTF8_HEADER: Final = 2
UTF8_SENDER: Final = 4
UTF8_RECIPIENT: Final = 8

NOBODY: Final = Recipient("")


class QueueWriter:
    """The one write buffer of a queue file; large messages go to the disk in pieces."""

    def __init__(self, fd: int, limit: int = 0) -> None:
        self.offset = 0  # where the next record will stand
        self._written = 0
        self._fd = fd
        self._limit = limit or sys.maxsize
        self._parts: list[bytes] = []

    def write(self, encoded: bytes) -> bool:
        """Encoded records; False beyond message_size_limit.  OSError when the disk fails."""
        self._parts.append(encoded)
        self.offset += len(encoded)
        if self.offset - self._written >= FLUSH_SIZE:
            self._flush()
        return self.offset <= self._limit

    def finish(self, first: bytes) -> None:
        """Put the first record in its place, whose values are only known now, and write."""
        if self._written:
            self._flush()
            os.pwrite(self._fd, first, 0)
        else:
            self._parts[0] = first
            self._flush()

    def _flush(self) -> None:
        data = memoryview(b"".join(self._parts))
        self._parts.clear()
        self._written = self.offset
        while data:
            data = data[os.write(self._fd, data) :]


@dataclass(slots=True)
class Message:
    """What the stages know so far."""

    queue_id: str
    flags: Flags
    writer: QueueWriter
    arrival: float
    status: Stat = Stat.OK
    reason: str = ""
    trouble: str = ""  # what the disk said
    wants_output: bool = True  # kept by judge(): it is asked for every record
    # the envelope
    sender: str | None = None
    full_name: str = ""
    recipient: str = ""  # the last one, for log lines
    recipients: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    context: str = ""  # "local", "remote", or empty: headers are not rewritten
    ret: Ret = Ret.UNSET
    envelope_id: str = ""
    pending: Recipient = NOBODY  # what came before its recipient record
    already: set[tuple[str, ...]] = field(default_factory=set)
    # the content
    headers_seen: set[bytes] = field(default_factory=set)
    resent: bool = False
    hops: int = 0
    smtputf8: int = 0
    data_offset: int = 0
    data_end: int = 0
    # what tables and checks decided
    filter: str = ""
    redirect: str = ""
    bcc: list[str] = field(default_factory=list)

    def note_utf8(self, text: str | bytes, reason: int) -> None:
        """RFC 6531: what needs SMTPUTF8; the client asks for it, or lets us guess."""
        if not text.isascii():
            self.smtputf8 |= reason
            if Flags.AUTOUTF8 in self.flags:
                self.smtputf8 |= UTF8_REQUESTED

    def fail(self, status: Stat, reason: str = "") -> None:
        """Something is wrong; the first reason is the one that is told."""
        self.status |= status
        self.reason = self.reason or reason
        self.judge()

    def fail_to_write(self, error: OSError) -> None:
        """The disk did not take it; the log will say why."""
        self.trouble = self.trouble or error.strerror or str(error)
        self.fail(Stat.WRITE)

    def judge(self) -> None:
        """After a change of status or flags: does writing more still make sense?"""
        mask = INCOMPLETE if Flags.BOUNCE in self.flags else ALL
        self.wants_output = (
            not (self.status and self.status & mask) and Flags.DISCARD not in self.flags
        )

    def out(self, kind: int, data: bytes = b"") -> None:
        """One record into the queue file."""
        self.raw(queue_file.encode(kind, data))

    def out_text(self, kind: int, text: str) -> None:
        """The same for an envelope record."""
        self.out(kind, text.encode("utf-8", "surrogateescape"))

    def raw(self, encoded: bytes) -> None:
        """Encoded records into the queue file, unless there will be none."""
        if not self.wants_output:
            return
        try:
            if not self.writer.write(encoded):
                self.fail(Stat.SIZE)
        except OSError as error:
            self.fail_to_write(error)

    def seen_before(self, rcpt: Recipient, *, whole: bool, limit: int) -> bool:
        """Whether this very recipient is in the file already: one delivery is enough.

        postconf(5) enable_original_recipient: ``whole`` tells recipients apart by what they
        were called; duplicate_filter_limit: as many are remembered, 0 is no limit.
        """
        key: tuple[str, ...] = (rcpt.address,)
        if whole:
            key += (rcpt.original, rcpt.dsn_original, str(int(rcpt.notify)))
        folded = tuple(map(str.lower, key))
        if folded in self.already:
            return True
        if not limit or len(self.already) < limit:
            self.already.add(folded)
        return False


def notify_after_expansion(notify: Notify) -> Notify:
    """RFC 3461 6.2.7.3: success was reported as "expanded"; the rest still counts."""
    rest = notify & ~Notify.SUCCESS
    return Notify.NEVER if notify == Notify.SUCCESS else rest
