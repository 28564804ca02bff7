"""What lies in the queue: one Entry per message, as mailq shows it.

showq(8) reads it for everybody; postqueue(1) reads it itself when the mail system is down.
Entries travel as JSON, one a line, which is the format of ``postqueue -j`` too.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from labctl.node.mta.lib.queue import bounce_log, queue_file
from labctl.node.mta.lib.queue.directory import FORCE_EXPIRE, QueueDirectory, is_complete
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Envelope

AT_ONCE: Final = 1000  # messages that are read before the first of them is shown


class Waiting(NamedTuple):
    """A recipient that is not done, and why, if it has been tried."""

    address: str
    reason: str = ""


class Entry(NamedTuple):
    """One message."""

    queue_name: str
    queue_id: str
    arrival_time: int
    message_size: int
    forced_expire: bool
    sender: str
    recipients: tuple[Waiting, ...]


def entries(queue: QueueDirectory, *, at_once: int = AT_ONCE) -> Iterator[Entry]:
    """Queue by queue, oldest first within a queue, or within each part of a large one."""
    for name in ORDER:
        items = queue.scan(name)
        # A million messages are shown as they are found: nobody waits, nothing fills up.
        while part := list(itertools.islice(items, at_once)):
            found = [entry for item in part if (entry := _entry(queue, name, item))]
            yield from sorted(found, key=lambda entry: (entry.arrival_time, entry.queue_id))


def encode(entry: Entry) -> str:
    """One line of JSON."""
    recipients = [
        {"address": rcpt.address} | ({"delay_reason": rcpt.reason} if rcpt.reason else {})
        for rcpt in entry.recipients
    ]
    return json.dumps(entry._asdict() | {"recipients": recipients}, ensure_ascii=False)


def decode(line: str) -> Entry:
    """The reader's half."""
    fields: dict[str, Any] = json.loads(line)
    fields["recipients"] = tuple(
        Waiting(item["address"], item.get("delay_reason", "")) for item in fields["recipients"]
    )
    return Entry(**fields)


def _entry(queue: QueueDirectory, name: str, item: os.DirEntry[str]) -> Entry | None:
    try:
        status = item.stat(follow_symlinks=False)
        if not is_complete(status):
            return None
        envelope = _envelope(item.path, name)
    except (OSError, CorruptQueueFile):
        return None  # it has moved on while we were looking, or qmgr will set it aside
    return Entry(
        name,
        item.name,
        int(envelope.arrival),
        envelope.size or status.st_size,
        bool(status.st_mode & FORCE_EXPIRE) and name != "maildrop",
        envelope.sender or "MAILER-DAEMON",
        tuple(_waiting(queue, item.name, envelope)),
    )


def _envelope(path: str, name: str) -> Envelope:
    if name != "maildrop":
        return queue_file.read(path)
    with open(path, "rb") as file:
        return queue_file.parse(file.read())


def _waiting(queue: QueueDirectory, queue_id: str, envelope: Envelope) -> Iterator[Waiting]:
    """Those that have been tried first, in the order of the log; then the others."""
    left = {rcpt.offset: rcpt.address for rcpt in envelope.recipients if not rcpt.done}
    for recipient, status in bounce_log.read(queue.path("defer", queue_id)):
        # The address of the log: of a redirected message it is not that of the envelope.
        left.pop(recipient.offset, None)
        yield Waiting(recipient.address, status.reason)
    for address in left.values():
        yield Waiting(address)


# Those that wait for a user or an administrator last.
ORDER: Final = ("maildrop", "active", "incoming", "deferred", "hold")
