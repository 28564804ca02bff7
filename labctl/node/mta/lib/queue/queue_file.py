"""Queue files: typed records in three segments, envelope, content, extracted.

INPUT AND OUTPUT
    ``read()`` makes the Envelope that the queue manager, bounce and the delivery agents work
    with.  The records themselves are those of ``queue_records``, whose names stand here too.

STATES
    C T A.. F S [A O R].. | M  N L N ..  | X  [A O R].. E
    A file without E, or with an impossible length, is corrupt.  A delivered recipient is
    marked in place, R becomes D, so that a restart tries only the others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.mta.lib.queue.records import (
    ATTRIBUTE,
    CANCELLED,
    CONTENT,
    CREATE_TIME,
    DELAY,
    DONE,
    DSN_ENVELOPE_ID,
    DSN_NOTIFY,
    DSN_ORIGINAL_RECIPIENT,
    DSN_RET,
    END,
    EXTRACTED,
    FILTER,
    FLAGS,
    FROM,
    FULL_NAME,
    INSPECT,
    KILLED,
    LONG,
    NORMAL,
    ORIGINAL_RECIPIENT,
    PADDING,
    RECIPIENT,
    REDIRECT,
    SIZE,
    TIME,
    VERP,
    WARN_TIME,
    CorruptQueueFile,
    Record,
    decode,
    decode_content,
    encode,
    encode_attribute,
    encode_line,
    encode_lines,
)

SIZE_FIELD_WIDTH: Final = 95  # six numbers of 15 columns, so that it can be filled in later


class Recipient(NamedTuple):
    """One envelope recipient; ``offset`` is where the agent marks it done."""

    address: str
    original: str = ""
    dsn_original: str = ""  # "rfc822;bob@example.test", RFC 3461 4.2
    notify: Notify = Notify.UNSET
    offset: int = 0
    done: bool = False


class Envelope(NamedTuple):
    """What a queue file says about its message, content apart."""

    sender: str = ""
    recipients: tuple[Recipient, ...] = ()
    arrival: float = 0.0
    created: float = 0.0
    warn_at: float = 0.0
    size: int = 0
    data_offset: int = 0
    data_length: int = 0
    flags: int = 0
    smtputf8: int = 0
    full_name: str = ""
    inspect: str = ""
    filter: str = ""  # "transport:nexthop", from content_filter or FILTER
    redirect: str = ""
    verp: str = ""
    dsn_envelope_id: str = ""
    dsn_ret: str = ""  # "", "FULL" or "HDRS"
    attributes: Mapping[str, str] = MappingProxyType({})


def read(path: str | os.PathLike[str]) -> Envelope:
    """The envelope of a complete queue file; the content is skipped, not read."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_envelope(fd)
    finally:
        os.close(fd)


def read_envelope(fd: int) -> Envelope:
    """The same from an open file.  Raises CorruptQueueFile."""
    head = os.pread(fd, 16384, 0)
    size = _fitting_size(head, fd)
    if size.data_offset > len(head):
        head = os.pread(fd, size.data_offset, 0)
    tail_offset = size.data_offset + size.data_length
    tail = os.pread(fd, max(os.fstat(fd).st_size - tail_offset, 0), tail_offset)
    records = [*decode(head[: size.data_offset]), *decode(tail, base=tail_offset)]
    if not records or records[-1].kind != END:
        raise CorruptQueueFile("no end record")
    return _understand(records, size)


def parse(data: bytes) -> Envelope:
    """The envelope of a file that cleanup has not seen yet: there is no size record."""
    records = list(decode(data))
    if not records or records[-1].kind != END:
        raise CorruptQueueFile("no end record")
    envelope = [item for item in records if item.kind not in (NORMAL, CONTENT, LONG)]
    # What `postsuper -r` has put into maildrop has been with cleanup once.
    has_size = records[0].kind == SIZE
    return _understand(envelope, parse_size(data) if has_size else Size(0, 0, 0, 0, 0, 0))


class Size(NamedTuple):
    """The six numbers of the size record."""

    size: int
    data_offset: int
    recipients: int
    flags: int
    data_length: int
    smtputf8: int


def parse_size(head: bytes) -> Size:
    """The size record, which is the first of every complete file."""
    first = next(decode(head[: SIZE_FIELD_WIDTH + 2]), None)
    if first is None or first.kind != SIZE:
        raise CorruptQueueFile("no size record")
    try:
        numbers = [int(word) for word in first.data.split()]
        return Size(*(numbers + [0] * 6)[:6])
    except ValueError as error:
        raise CorruptQueueFile("malformed size record") from error


def _fitting_size(head: bytes, fd: int) -> Size:
    """The size record, whose numbers somebody will read that many bytes by."""
    size = parse_size(head)
    end = size.data_offset + size.data_length
    if not 0 <= size.data_offset <= end <= os.fstat(fd).st_size:
        raise CorruptQueueFile("size record does not fit the file")
    return size


def encode_size(size: Size) -> bytes:
    """The size record; its width never changes, so that it is written last, in place."""
    return encode(SIZE, " ".join(f"{number:15d}" for number in size).encode())


def content(path: str | os.PathLike[str]) -> bytes:
    """The whole message, header and body, with LF line ends."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_content(fd)
    finally:
        os.close(fd)


def read_content(fd: int) -> bytes:
    """The same from an open file, wherever its name has gone since."""
    size = _fitting_size(os.pread(fd, SIZE_FIELD_WIDTH + 2, 0), fd)
    return decode_content(os.pread(fd, size.data_length, size.data_offset))


def mark_done(fd: int, offset: int) -> None:
    """R becomes D: whatever happens from here on, this recipient is not tried again."""
    if os.pread(fd, 1, offset) not in (b"R", b"D"):
        raise CorruptQueueFile(f"no recipient at offset {offset}")
    os.pwrite(fd, b"D", offset)


class _Pending(NamedTuple):
    """What precedes a recipient record and belongs to it."""

    original: str = ""
    dsn_original: str = ""
    notify: Notify = Notify.UNSET


def _understand(records: list[Record], size: Size) -> Envelope:
    try:
        return _collect(records, size)
    except ValueError as error:
        raise CorruptQueueFile(f"malformed record: {error}") from error


def _collect(records: list[Record], size: Size) -> Envelope:
    texts: dict[int, str] = {}
    attributes: dict[str, str] = {}
    recipients: list[Recipient] = []
    pending = NOTHING_PENDING
    for kind, data, offset in records:
        text = data.decode("utf-8", "surrogateescape")
        if kind in (RECIPIENT, DONE):
            recipients.append(Recipient(text, *pending, offset=offset, done=kind == DONE))
            pending = NOTHING_PENDING
        elif kind == ORIGINAL_RECIPIENT:
            pending = pending._replace(original=text)
        elif kind == ATTRIBUTE:
            pending = _take_attribute(text, attributes, pending)
        else:
            texts[kind] = text
    return _envelope(texts, attributes, tuple(recipients), size)


def _take_attribute(text: str, attributes: dict[str, str], pending: _Pending) -> _Pending:
    name, _, value = text.partition("=")
    if name == "dsn_orig_rcpt":
        return pending._replace(dsn_original=value)
    if name == "notify_flags":
        return pending._replace(notify=Notify(int(value)))
    # Thousands of messages that wait share their names, and often their clients.
    attributes[sys.intern(name)] = sys.intern(value)
    return pending


def _envelope(
    texts: dict[int, str],
    attributes: dict[str, str],
    recipients: tuple[Recipient, ...],
    size: Size,
) -> Envelope:
    arrival = _seconds(texts.get(TIME, "0"))
    return Envelope(
        sender=texts.get(FROM, ""),
        recipients=recipients,
        arrival=arrival,
        created=float(attributes.get("create_time", 0) or arrival),
        warn_at=_seconds(texts.get(WARN_TIME, "0")),
        size=size.size,
        data_offset=size.data_offset,
        data_length=size.data_length,
        flags=size.flags,
        smtputf8=size.smtputf8,
        full_name=texts.get(FULL_NAME, ""),
        inspect=texts.get(INSPECT, ""),
        filter=texts.get(FILTER, ""),
        redirect=texts.get(REDIRECT, ""),
        verp=texts.get(VERP, ""),
        dsn_envelope_id=attributes.get("envelope_id", ""),
        dsn_ret=RET_NAMES.get(attributes.get("ret_flags", ""), ""),
        attributes=attributes,
    )


def _seconds(text: str) -> float:
    """ "seconds" or "seconds microseconds"."""
    whole, _, micro = text.partition(" ")
    return int(whole) + int(micro or 0) / 1_000_000


NOTHING_PENDING: Final = _Pending()
RET_NAMES: Final = {"1": "FULL", "2": "HDRS"}

__all__ = [
    "ATTRIBUTE",
    "CANCELLED",
    "CONTENT",
    "CREATE_TIME",
    "DELAY",
    "DONE",
    "DSN_ENVELOPE_ID",
    "DSN_NOTIFY",
    "DSN_ORIGINAL_RECIPIENT",
    "DSN_RET",
    "END",
    "EXTRACTED",
    "FILTER",
    "FLAGS",
    "FROM",
    "FULL_NAME",
    "INSPECT",
    "KILLED",
    "LONG",
    "NORMAL",
    "ORIGINAL_RECIPIENT",
    "PADDING",
    "RECIPIENT",
    "REDIRECT",
    "RET_NAMES",
    "SIZE",
    "SIZE_FIELD_WIDTH",
    "TIME",
    "VERP",
    "WARN_TIME",
    "CorruptQueueFile",
    "Envelope",
    "Recipient",
    "Record",
    "Size",
    "content",
    "decode",
    "decode_content",
    "encode",
    "encode_attribute",
    "encode_line",
    "encode_lines",
    "encode_size",
    "mark_done",
    "parse",
    "parse_size",
    "read",
    "read_content",
    "read_envelope",
]
