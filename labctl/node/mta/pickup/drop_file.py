"""One file in maildrop: who left it, whether it can be trusted, what is passed on of it.

WHY SO CAREFUL
    Anybody may write into maildrop.  Only a complete regular file with one link counts, its
    owner is the sender's uid whatever it says inside, and only envelope records that a user
    may use are passed on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import is_complete
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Record


class Drop(NamedTuple):
    """A file that may become a message."""

    uid: int
    arrival: float
    envelope: tuple[Record, ...]
    content: bytes  # encoded records

    @property
    def sender(self) -> str:
        """The sender that the file names."""
        found = (item.data for item in self.envelope if item.kind == queue_file.FROM)
        return next(found, b"").decode("utf-8", "surrogateescape")

    @property
    def first_line(self) -> bytes:
        """The begin of the content."""
        return next(queue_file.decode(self.content)).data if self.content else b""


def is_ready(status: os.stat_result) -> bool:
    """Complete, a file, under one name: nobody can change what we read behind our back."""
    return stat.S_ISREG(status.st_mode) and is_complete(status) and status.st_nlink == 1


def parse(data: bytes, status: os.stat_result, mail_owner: int = -1) -> Drop:
    """The parts of a maildrop file.  Raises CorruptQueueFile."""
    envelope: list[Record] = []
    records = queue_file.decode(data)
    begin = _take_envelope(records, envelope)
    end = _end_of_content(records)
    if not data.endswith(b"E\0"):
        raise CorruptQueueFile("no end record")
    arrival = next((_seconds(item.data) for item in envelope if item.kind == TIME), None)
    # The mail system's own file is a message that `postsuper -r` sends round once more.
    has_size = bool(envelope) and envelope[0].kind == queue_file.SIZE
    requeued = has_size and status.st_uid == mail_owner
    envelope += records if requeued else ()
    allowed = tuple(_still_to_do(item for item in envelope if _is_allowed(item, requeued)))
    return Drop(status.st_uid, arrival or status.st_mtime, allowed, data[begin:end])


def _take_envelope(records: Iterator[Record], envelope: list[Record]) -> int:
    for record in records:
        if record.kind == queue_file.CONTENT:
            return record.offset + 2
        envelope.append(record)
    raise CorruptQueueFile("no content")


def _end_of_content(records: Iterator[Record]) -> int:
    for record in records:
        if record.kind == queue_file.EXTRACTED:
            return record.offset
        if record.kind not in (queue_file.NORMAL, queue_file.LONG):
            raise CorruptQueueFile(f"unexpected record {record.kind} in content")
    raise CorruptQueueFile("content without end")


def _is_allowed(record: Record, requeued: bool) -> bool:
    """Attributes by name: a user may not claim to be an SMTP client."""
    if record.kind not in ALLOWED:
        return record.kind == queue_file.DONE
    if record.kind != queue_file.ATTRIBUTE:
        return True
    name = record.data.partition(b"=")[0].decode("ascii", "replace")
    return name in ATTRIBUTES or (requeued and name != "create_time")


def _still_to_do(records: Iterable[Record]) -> Iterator[Record]:
    """All but the recipients that are done, and what stands before them."""
    pending: list[Record] = []
    for record in records:
        if record.kind == queue_file.DONE:
            pending = []
        elif record.kind == queue_file.ORIGINAL_RECIPIENT or record.data.startswith(PER_RCPT):
            pending.append(record)
        else:
            yield from pending
            pending = []
            yield record


def _seconds(data: bytes) -> float | None:
    whole, _, micro = data.partition(b" ")
    return int(whole) + int(micro or 0) / 1_000_000 if whole.isdigit() else None


TIME: Final = queue_file.TIME
ALLOWED: Final = frozenset(
    (
        queue_file.FULL_NAME,
        queue_file.INSPECT,
        queue_file.ATTRIBUTE,
        queue_file.FROM,
        queue_file.VERP,
        queue_file.ORIGINAL_RECIPIENT,
        queue_file.RECIPIENT,
    )
)
ATTRIBUTES: Final = frozenset(
    (
        "rewrite_context",
        "encoding",
        "dsn_orig_rcpt",
        "notify_flags",
        "envelope_id",
        "ret_flags",
        "trace_flags",
    )
)
PER_RCPT: Final = (b"dsn_orig_rcpt=", b"notify_flags=")
