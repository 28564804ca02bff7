"""One message on its way to cleanup(8): envelope, Received header, content.

INPUT AND OUTPUT
    Opened with the first recipient that is accepted, so that refused mail costs no queue file
    (postconf(5) smtpd_delay_open_until_valid_rcpt).  ``finish()`` is the moment from which on
    we are responsible for the message.

LIMITS
    ``size`` counts content as it stands on the wire, CRLF included.  What exceeds
    message_size_limit is read and thrown away, so that the client hears the reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupResult, Flags, Stat
from labctl.node.mta.smtpd.environment import Environment, QueueStream
from labctl.node.mta.smtpd.restrictions.evaluation import Actions


class Opening(NamedTuple):
    """What is known of a message when its first recipient is accepted."""

    sender: str
    flags: Flags
    about_client: str  # for the log line that introduces the queue id
    attributes: Mapping[str, str]
    actions: Actions
    verp: str | None = None


class Submission:
    """The stream to cleanup, and what was written to it."""

    def __init__(self, env: Environment, stream: QueueStream) -> None:
        self.env, self.stream = env, stream
        self.queue_id = stream.queue_id
        self.size = 0
        self.failed = Stat.OK
        self._first = True
        self._told = b""  # what cleanup knows of the actions
        self._limit = env.config.number("message_size_limit")

    @classmethod
    def open(cls, env: Environment, opening: Opening) -> Submission:
        """Connect, and write the envelope as far as it is known.  Raises CleanupUnavailable."""
        submission = cls(env, env.submit(env.config, opening.flags))
        env.log.info(f"{submission.queue_id}: {opening.about_client}")
        submission._write_envelope(opening)
        return submission

    def add(self, recipient: Recipient) -> None:
        """One more recipient."""
        self.stream.recipient(recipient)

    def begin_content(self, header: Iterable[bytes]) -> None:
        """The header that we put in front of the content, line by line."""
        self.stream.record(queue_file.CONTENT)
        for line in header:
            self.stream.record(queue_file.NORMAL, line)

    def write(self, lines: bytes) -> None:
        """Whole lines with LF."""
        if self.failed or not lines:
            return
        size = len(lines) + lines.count(b"\n")
        if self._limit and self._limit - self.size < size:
            # What still fits is written, so that the queue file shows what was refused.
            lines = lines[: lines.rfind(b"\n", 0, self._limit - self.size) + 1]
            self._exceed()
        self.size += size
        if self._first:
            lines = self._begin(lines)
        self.stream.raw(queue_file.encode_lines(lines))

    def write_partial(self, piece: bytes) -> None:
        """The beginning of a line that does not end yet."""
        if self.failed or not piece:
            return
        if self._limit and self._limit - self.size < len(piece):
            self._exceed()
            return
        self.size += len(piece)
        self._first = False
        limit = 2048
        for start in range(0, len(piece), limit):
            self.stream.record(queue_file.LONG, piece[start : start + limit])

    def finish(self, actions: Actions) -> CleanupResult:
        """From here on we are responsible for the message, if cleanup says so."""
        if self.failed:
            # What is too big for us is too big for cleanup, whose log should say so.
            self.stream.flush()
            self.stream.close()
            return CleanupResult(self.failed)
        # What a table decided since the envelope was written comes behind the content.
        late = encode_actions(actions)
        return self.stream.finish(b"" if late == self._told else late)

    def close(self) -> None:
        """The message never was."""
        self.stream.close()

    def _write_envelope(self, opening: Opening) -> None:
        stream, now = self.stream, self.env.now()
        stamp = f"{int(now)} {int(now % 1 * 1_000_000)}"
        stream.record(queue_file.TIME, stamp.encode())
        # Also when empty: -o content_filter= in master.cf must reach cleanup.
        stream.record(queue_file.FILTER, _encode(self.env.config.text("content_filter")))
        for name, value in opening.attributes.items():
            if value:
                stream.attribute(name, value)
        if opening.verp is not None:
            stream.record(queue_file.VERP, _encode(opening.verp))
        stream.record(queue_file.FROM, _encode(opening.sender))
        self._told = encode_actions(opening.actions)
        stream.raw(self._told)

    def _exceed(self) -> None:
        self.env.log.warning(f"{self.queue_id}: queue file size limit exceeded")
        self.failed = Stat.SIZE

    def _begin(self, lines: bytes) -> bytes:
        """A message may not begin like an mbox separator or with a continued header."""
        match = MAILBOX_LINES.match(lines)
        if match is not None:
            kept, lines = match[0], lines[match.end() :]
            marked = b"".join(b"X-Mailbox-Line: " + one for one in kept.splitlines(True))
        else:
            marked = b""
        if not lines:
            return marked
        self._first = False
        if lines[:1] in (b" ", b"\t"):
            return marked + b"\n" + lines
        return marked + lines


def encode_actions(actions: Actions) -> bytes:
    """What access tables decided, as records for cleanup."""
    flags = (Flags.HOLD if actions.hold else 0) | (Flags.DISCARD if actions.discard else 0)
    records = []
    if flags:
        records.append(queue_file.encode(queue_file.FLAGS, str(int(flags)).encode()))
    if actions.filter:
        records.append(queue_file.encode(queue_file.FILTER, _encode(actions.filter)))
    if actions.redirect:
        records.append(queue_file.encode(queue_file.REDIRECT, _encode(actions.redirect)))
    for address in actions.bcc:
        # Nobody asked for reports about a copy: NOTIFY=NEVER.
        records.append(queue_file.encode_attribute("notify_flags", "1"))
        records.append(queue_file.encode(queue_file.RECIPIENT, _encode(address)))
    return b"".join(records)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


MAILBOX_LINES: Final = re.compile(rb"(?:>*From [^\n]*\n)+")
