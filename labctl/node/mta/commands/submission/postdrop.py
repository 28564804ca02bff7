"""postdrop(1): a message in queue file records from standard input into maildrop.

INPUT AND OUTPUT
    Records F S R.. A.. M, content, X, E.  Standard output has the queue id as soon as there is
    a file, and the status at the end, as attributes: the sendmail of the originals reads that.

SECURITY
    Anybody may send anything.  Only envelope records that a user may use are taken, in an
    order that makes sense; attributes by name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands.caller import refused
from labctl.node.mta.commands.options import parse_options
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Record
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.cleanup import CleanupResult, CleanupUnavailable, Stat
from labctl.node.mta.lib.services.maildrop import DropStream, wake_pickup

USAGE = "postdrop [-c config_dir] [-v]"


def main(argv: Sequence[str]) -> int:
    """Queue what comes in."""
    try:
        options = parse_options(argv, "c:rv", USAGE)
        config = Config.read(options.value("c"))
        if who := refused(config, "authorized_submit_users"):
            raise Fatal(f"User {who} is not allowed to submit mail")
        return Postdrop(config, mail_log(config, "postdrop")).run(sys.stdin.buffer.read())
    except CleanupUnavailable as error:
        raise Fatal(str(error)) from error


class Postdrop:
    """One message."""

    def __init__(self, config: Config, log: Log) -> None:
        self.config, self.log = config, log
        self.who = f"uid={os.getuid()}"
        self.stream = DropStream(config)
        self.seen: set[int] = set()

    def run(self, data: bytes) -> int:
        """Exit status: what cleanup(8) would say of it."""
        _answer({"protocol": "postdrop_protocol", "queue_id": self.stream.queue_id})
        try:
            complete = self._take(data)
        except BaseException:
            self.stream.close()
            raise
        if not complete:
            self.stream.close()  # whoever fed us has changed his mind
            return 0
        result = self._finish()
        _answer({"status": str(int(result.status)), "reason": ""})
        return int(result.status)

    def _take(self, data: bytes) -> bool:
        expected = iter(SEGMENTS)
        allowed, ending = next(expected)
        for record in self._records(data):
            if record.kind not in allowed:
                raise self._fatal(f"unexpected record type: {record.kind}")
            self.seen.add(record.kind)
            if record.kind == queue_file.END:
                return True
            if record.kind == ending:
                allowed, ending = next(expected)
            self._keep(record)
        return False

    def _records(self, data: bytes) -> Iterator[Record]:
        try:
            yield from queue_file.decode(data)
        except CorruptQueueFile as error:
            self._warn(f"stdin: {error}")
            raise self._fatal("malformed input") from error

    def _keep(self, record: Record) -> None:
        if record.kind == queue_file.ATTRIBUTE and not _is_allowed(record.data):
            text = record.data.decode("utf-8", "replace")
            self._warn(f"{self.who}: ignoring attribute record: {text}")
        # Whoever is not root does not say when; and X comes with the end.
        elif record.kind not in (queue_file.TIME, queue_file.EXTRACTED):
            self.stream.record(record.kind, record.data)

    def _finish(self) -> CleanupResult:
        if not self.seen >= NEEDED:
            self.stream.close()
            return CleanupResult(Stat.BAD)
        result = self.stream.finish()
        if not result.ok:
            self._warn(f"{self.who}: {result.reason}")
        elif complaint := wake_pickup(self.config):
            self._warn(complaint)
        return result

    def _warn(self, text: str) -> None:
        print(f"postdrop: warning: {text}", file=sys.stderr)
        self.log.warning(text)

    def _fatal(self, text: str) -> Fatal:
        self.log.fatal(f"{self.who}: {text}")
        return Fatal(f"{self.who}: {text}")


def _answer(pairs: dict[str, str]) -> None:
    sys.stdout.buffer.write(ipc.encode(pairs))
    sys.stdout.buffer.flush()


def _is_allowed(data: bytes) -> bool:
    name, _, value = data.partition(b"=")
    return name in ATTRIBUTES and value in (ATTRIBUTES[name] or (value,))


# What a segment may contain, and which record ends it.
SEGMENTS: Final = (
    (frozenset(b"TMFSRVA"), queue_file.CONTENT),
    (frozenset(b"XLN"), queue_file.EXTRACTED),
    (frozenset(b"EAR"), queue_file.END),
)
NEEDED: Final = frozenset((queue_file.FROM, queue_file.RECIPIENT))
# name -> its values, when only these are known
ATTRIBUTES: Final[dict[bytes, tuple[bytes, ...]]] = {
    b"encoding": (b"7bit", b"8bit", b"none"),
    b"rewrite_context": (b"local", b"remote"),
    b"trace_flags": (),
    b"envelope_id": (),
    b"ret_flags": (),
    b"dsn_orig_rcpt": (),
    b"notify_flags": (),
}
