"""The way into the queue: a stream of records to cleanup(8), and what it says in the end.

INPUT AND OUTPUT
    Connect, learn the queue id, send the envelope records, M, the content, X, E; then ask
    for the result.  Success means that the message is on disk and that we are responsible
    for it.  Closing without ``finish()`` takes everything back.

        with CleanupStream(config, Flags.EXTERNAL) as stream:
            stream.envelope(sender, [Recipient("bob@example.test")])
            stream.content(b"Subject: hello\\n\\nhello\\n")
            result = stream.finish()
"""

from __future__ import annotations

import enum
import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Final, NamedTuple, Self

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.queue.record_stream import RecordStream
from labctl.node.mta.lib.services import ipc

SEND_SIZE: Final = 32768


class Flags(enum.IntFlag):
    """What cleanup does for this client."""

    NONE = 0
    BOUNCE = 1  # return bad mail to the sender instead of telling the client
    FILTER = 2  # header and body checks, content_filter
    HOLD = 4
    DISCARD = 8
    BCC_OK = 16
    MAP_OK = 32  # canonical, virtual alias, masquerade
    SMTP_REPLY = 128
    SMTPUTF8 = 256
    AUTOUTF8 = 512
    EXTERNAL = FILTER | BCC_OK | MAP_OK  # smtpd, pickup
    INTERNAL = MAP_OK  # bounce, local forwarding


class Stat(enum.IntFlag):
    """What may have gone wrong; bits, because several things can."""

    OK = 0
    BAD = 1
    WRITE = 2
    SIZE = 4
    CONT = 8
    HOPS = 16
    RCPT = 64
    PROXY = 128
    DEFER = 256
    NOPERM = 512


class Verdict(NamedTuple):
    """How a status is told to an SMTP client, or in a bounce."""

    stat: Stat
    code: int
    status: str
    text: str


class CleanupResult(NamedTuple):
    """The end of a submission; ``reason`` is what a REJECT action said, or empty."""

    status: Stat
    reason: str = ""

    @property
    def ok(self) -> bool:
        """From here on cleanup's side is responsible for the message."""
        return self.status is Stat.OK

    @property
    def verdict(self) -> Verdict:
        """The most important of the bits, with its reply."""
        return next(row for row in VERDICTS if row.stat & self.status or row.stat is Stat.OK)


class CleanupUnavailable(Exception):
    """The service does not answer, or hung up in the middle."""


class CleanupStream(RecordStream):
    """One message on its way into incoming/."""

    def __init__(self, config: Config, flags: Flags = Flags.EXTERNAL) -> None:
        """Connect and learn the queue id.  Raises CleanupUnavailable."""
        self._parts: list[bytes] = []
        self._pending = 0
        self._broken = False
        timeout = config.seconds("ipc_timeout")
        try:
            service = config.text("cleanup_service_name")
            self._socket: socket.socket = ipc.connect(config, "public", service, timeout)
            ipc.send(self._socket, {"flags": str(int(flags))})
            self.queue_id = ipc.receive(self._socket)["queue_id"]
        except (OSError, EOFError, KeyError) as error:
            raise CleanupUnavailable(f"connect to cleanup service: {error}") from error

    def raw(self, encoded: bytes) -> None:
        """Records that are encoded already: the way for content."""
        self._parts.append(encoded)
        self._pending += len(encoded)
        if self._pending >= SEND_SIZE:
            self._send()

    def flush(self) -> None:
        """Send what has come together so far."""
        self._send()

    def finish(self, extracted: bytes = b"") -> CleanupResult:
        """X and E, then the verdict.  Assume failure: only its answer makes it a success.

        ``extracted`` are encoded records that stand between the two.
        """
        self.record(queue_file.EXTRACTED)
        self.raw(extracted)
        self.record(queue_file.END)
        self._send()
        try:
            reply = ipc.receive(self._socket)
            result = CleanupResult(Stat(int(reply["status"])), reply.get("reason", ""))
        except (OSError, EOFError, KeyError, ValueError):
            result = CleanupResult(Stat.WRITE)
        finally:
            self.close()
        return result

    def close(self) -> None:
        """Before ``finish()``: the message never was."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self) -> None:
        data = b"".join(self._parts)
        self._parts.clear()
        self._pending = 0
        # Once broken, stay quiet: finish() finds no answer and tells the one truth.
        if not self._broken:
            try:
                self._socket.sendall(data)
            except OSError:
                self._broken = True


def submit(
    config: Config,
    sender: str,
    recipients: Iterable[Recipient],
    text: bytes,
    flags: Flags = Flags.INTERNAL,
) -> tuple[str, CleanupResult]:
    """Post a message that a program of ours has composed: (queue id, result)."""
    with CleanupStream(config, flags) as stream:
        stream.attribute("rewrite_context", "local")
        stream.envelope(sender, recipients)
        stream.content(text)
        return stream.queue_id, stream.finish()


# In the order of importance: the first that is set is told.
VERDICTS: Final = (
    Verdict(Stat.DEFER, 451, "4.7.1", "service unavailable"),
    Verdict(Stat.PROXY, 451, "4.3.0", "queue file write error"),
    Verdict(Stat.BAD, 451, "4.3.0", "internal protocol error"),
    Verdict(Stat.RCPT, 550, "5.1.0", "no recipients specified"),
    Verdict(Stat.HOPS, 554, "5.4.0", "too many hops"),
    Verdict(Stat.SIZE, 552, "5.3.4", "message file too big"),
    Verdict(Stat.CONT, 550, "5.7.1", "message content rejected"),
    Verdict(Stat.WRITE, 451, "4.3.0", "queue file write error"),
    Verdict(Stat.NOPERM, 550, "5.7.1", "service denied"),
    Verdict(Stat.OK, 250, "2.0.0", "Success"),
)
