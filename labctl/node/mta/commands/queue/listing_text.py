"""The listing of mailq, column by column."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.listing import Entry

REASON_WIDTH: Final = 76


class Columns(NamedTuple):
    """How wide, for short queue ids or for long ones."""

    header: str
    row: str
    recipient: str


def listing(found: Iterable[Entry], *, long_ids: bool = False) -> Iterator[str]:
    """The lines of ``postqueue -p``."""
    columns = LONG if long_ids else SHORT
    size = count = 0
    for entry in found:
        if not count:
            yield columns.header
        yield from _entry(entry, columns)
        size += entry.message_size
        count += 1
    if not count:
        yield "Mail queue is empty"
        return
    plural = "" if count == 1 else "s"
    yield f"-- {size // 1024} Kbytes in {count} Request{plural}."


def _entry(entry: Entry, columns: Columns) -> Iterator[str]:
    mark = "#" if entry.forced_expire else MARKS.get(entry.queue_name, "")
    when = time.asctime(time.localtime(entry.arrival_time))
    yield columns.row.format(entry.queue_id + mark, entry.message_size, when, entry.sender)
    reason = ""
    for rcpt in entry.recipients:
        # A reason that holds for several recipients in a row is shown once.
        if rcpt.reason != reason:
            reason = rcpt.reason
            shown = reason or "reason unavailable"
            yield " " * (REASON_WIDTH - len(shown)) + f"({shown})"
        yield columns.recipient + rcpt.address
    yield ""


MARKS: Final = {"active": "*", "hold": "!"}
SHORT: Final = Columns(
    "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------",
    "{:<11} {:>7} {:.20s} {}",
    " " * 41,
)
LONG: Final = Columns(
    "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------",
    "{:<17} {:>8} {:.19s}  {}",
    " " * 47,
)
