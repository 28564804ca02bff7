"""postcat(1): a queue file in readable form.

INPUT AND OUTPUT
    Files by name, or by queue id with -q.  -e envelope, -h header, -b body (all three when
    none is asked for), -o offsets, -v also the names of content records, -d decimal flags.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import parse_options
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import QueueDirectory, is_id
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Record
from labctl.node.wire import headers

USAGE: Final = (
    "postcat [-b (body text)] [-c config_dir] [-d (decimal record type)] "
    "[-e (envelope records)] [-h (header text)] [-q (access queue)] [-v] [file(s)...]"
)
QUEUES: Final = ("maildrop", "incoming", "active", "deferred", "hold", "saved")


class Wanted(NamedTuple):
    """Which parts are shown, and how."""

    envelope: bool
    header: bool
    body: bool
    offsets: bool = False
    verbose: bool = False
    decimal: bool = False


def main(argv: Sequence[str]) -> int:
    """Show each file."""
    options = parse_options(argv, "bc:dehoqrs:v", USAGE)
    start = _offset_of(options.value("s"))
    everything = not any(options.has(letter) for letter in "ehb")
    wanted = Wanted(
        envelope=everything or options.has("e"),
        header=everything or options.has("h"),
        body=everything or options.has("b"),
        offsets=options.has("o"),
        verbose=options.has("v"),
        decimal=options.has("d"),
    )
    if not options.words:
        _show(sys.stdin.buffer.read(), "stdin", wanted, start)
        return 0
    for word in options.words:
        path, name = _find(word, options.value("c")) if options.has("q") else (word, word)
        _show(_read(path, word), name, wanted, start)
    return 0


def _offset_of(text: str | None) -> int:
    if text and not text.isdigit():
        raise Fatal(f"bad offset: {text}")
    return int(text or 0)


def _find(queue_id: str, directory: str | None) -> tuple[str, str]:
    """The file of a queue id, and its name below the queue directory."""
    if not is_id(queue_id):
        raise Fatal(f"bad mail queue ID: {queue_id}")
    queue = QueueDirectory(Config.read(directory))
    found = queue.find(queue_id, QUEUES)
    if found is None:
        # Who may not look into the queue does not learn what is there.
        readable = os.access(queue.path(QUEUES[-1], ""), os.X_OK)
        reason = errno.ENOENT if readable else errno.EACCES
        raise Fatal(f"open queue file {queue_id}: {os.strerror(reason)}")
    path = queue.path(found, queue_id)
    return path, os.path.relpath(path, queue.root)


def _read(path: str, word: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Fatal(f"open {word}: {error.strerror}") from error


def _show(data: bytes, name: str, wanted: Wanted, start: int) -> None:
    if data and data[0] not in NAMES and data[0] not in BANNERS:
        print(f"postcat: warning: {name}: input is not a valid queue file", file=sys.stderr)
        return
    out = sys.stdout.buffer
    try:
        for line in _lines(data, name, wanted, start):
            out.write(line)
    except CorruptQueueFile as error:
        out.flush()
        print(f"postcat: warning: {name}: {error}", file=sys.stderr)
        raise Fatal("record read error") from error
    finally:
        out.flush()


def _lines(data: bytes, name: str, wanted: Wanted, start: int) -> Iterator[bytes]:
    """The records, with a banner before each segment."""
    if wanted.envelope and data and not start:
        yield _banner("ENVELOPE RECORDS", name)
    segment = _Segment.ENVELOPE
    for record in queue_file.decode(data, start):
        line = b""
        if record.kind in BANNERS:
            segment = SEGMENTS.get(record.kind, segment)
            if wanted.envelope:
                line = _banner(BANNERS[record.kind], name)
        elif segment == _Segment.ENVELOPE:
            if wanted.envelope:
                line = _envelope_line(record)
        else:
            segment = _part(record, segment)
            if wanted.header if segment == _Segment.HEADER else wanted.body:
                line = _content_line(record, wanted)
        if line:
            yield _place(record, wanted) + line


class _Segment:
    ENVELOPE, HEADER, BODY = range(3)


def _part(record: Record, segment: int) -> int:
    """The first line that neither is nor continues a header begins the body."""
    if segment == _Segment.BODY or not record.data:
        return _Segment.BODY
    if headers.is_continuation(record.data) or headers.name_length(record.data):
        return segment
    return _Segment.BODY


def _content_line(record: Record, wanted: Wanted) -> bytes:
    prefix = CONTENT_NAMES.get(record.kind, UNKNOWN) + b": " if wanted.verbose else b""
    end = b"" if record.kind == queue_file.LONG and not wanted.verbose else b"\n"
    return prefix + record.data + end


def _envelope_line(record: Record) -> bytes:
    name, data = NAMES.get(record.kind, UNKNOWN), record.data
    if record.kind in (queue_file.TIME, queue_file.WARN_TIME):
        data = _time(data)
    elif record.kind == queue_file.ATTRIBUTE and data.startswith(b"create_time="):
        name, data = b"create_time", _time(data.partition(b"=")[2])
    return name + b": " + data + b"\n"


def _time(data: bytes) -> bytes:
    seconds = data.partition(b" ")[0]
    return time.ctime(int(seconds)).encode() if seconds.isdigit() else data


def _place(record: Record, wanted: Wanted) -> bytes:
    offset = f"{record.offset:9d} " if wanted.offsets else ""
    kind = f"{record.kind:3d} " if wanted.decimal else ""
    return (offset + kind).encode()


def _banner(title: str, name: str) -> bytes:
    return f"*** {title} {name} ***\n".encode()


SEGMENTS: Final = {
    queue_file.CONTENT: _Segment.HEADER,
    queue_file.EXTRACTED: _Segment.ENVELOPE,
    queue_file.END: _Segment.ENVELOPE,
}
BANNERS: Final = {
    queue_file.CONTENT: "MESSAGE CONTENTS",
    queue_file.EXTRACTED: "HEADER EXTRACTED",
    queue_file.END: "MESSAGE FILE END",
}
UNKNOWN: Final = b"unknown_record_type"
CONTENT_NAMES: Final = {
    queue_file.NORMAL: b"regular_text",
    queue_file.LONG: b"unterminated_text",
}
NAMES: Final[Mapping[int, bytes]] = {
    queue_file.SIZE: b"message_size",
    queue_file.TIME: b"message_arrival_time",
    queue_file.CREATE_TIME: b"queue_file_create_time",
    queue_file.FULL_NAME: b"sender_fullname",
    queue_file.INSPECT: b"content_inspector",
    queue_file.FILTER: b"content_filter",
    queue_file.FROM: b"sender",
    queue_file.DONE: b"done_recipient",
    queue_file.RECIPIENT: b"recipient",
    queue_file.ORIGINAL_RECIPIENT: b"original_recipient",
    queue_file.CANCELLED: b"canceled_recipient",
    queue_file.WARN_TIME: b"warning_message_time",
    queue_file.ATTRIBUTE: b"named_attribute",
    queue_file.KILLED: b"killed_record",
    queue_file.REDIRECT: b"redirect_to",
    queue_file.FLAGS: b"flags",
    queue_file.DELAY: b"message_delay",
    queue_file.PADDING: b"padding",
    queue_file.VERP: b"verp_delimiters",
    queue_file.DSN_RET: b"dsn_return_flags",
    queue_file.DSN_ENVELOPE_ID: b"dsn_envelope_id",
    queue_file.DSN_ORIGINAL_RECIPIENT: b"dsn_original_recipient",
    queue_file.DSN_NOTIFY: b"dsn_notify_flags",
}
