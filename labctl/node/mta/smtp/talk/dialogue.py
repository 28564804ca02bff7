"""The wire to one server: send lines, read replies, each with its own time limit.

FAILURES
    ``ConversationLost`` says what we were doing; the words go into the log and the report.

WHY GARBAGE IS SKIPPED
    A line that is no reply may be one that a broken server adds to a good one.  Without
    pipelining nothing can go wrong with waiting for the reply; with it, replies may be taken
    for those of other commands, which the log warns of.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock
from labctl.node.base.lines import LineReader
from labctl.node.mta.smtp.talk import reply
from labctl.node.mta.smtp.talk.reply import ServerReply

MAX_LINES: Final = 1000  # of one reply, garbage included
TEXT_KEPT: Final = 2048  # bytes of one reply; postconf(5) line_length_limit
HISTORY_KEPT: Final = 1000  # lines


class ConversationLost(Exception):
    """The server went away, or says nothing for too long."""

    def __init__(self, doing: str, *, timed_out: bool) -> None:
        super().__init__(doing)
        self.doing, self.timed_out = doing, timed_out

    def reason(self, host: str) -> str:
        """In the words of smtp(8)."""
        if self.timed_out:
            return f"conversation with {host} timed out while {self.doing}"
        return f"lost connection with {host} while {self.doing}"


@dataclass
class Wiretap:
    """Who listens in: the log, a filter of replies, the transcript for the postmaster."""

    filter: Callable[[str], str] = lambda line: line
    on_garbage: Callable[[str], None] = lambda line: None
    on_long_line: Callable[[str], None] = lambda line: None
    on_long_reply: Callable[[list[str]], None] = lambda lines: None
    history: list[str] = field(default_factory=list)
    is_pipelined: bool = False  # garbage may be taken for a reply
    is_suspect: bool = False  # a reply was not as the standard wants it

    def note(self, direction: str, line: str) -> None:
        if len(self.history) < HISTORY_KEPT:
            self.history.append(f" {direction:<5}{line}")


class Dialogue:
    """One connection.  ``whole`` is smtp_per_request_deadline: one limit for a whole reply."""

    def __init__(
        self, connection: socket.socket, tap: Wiretap | None = None, *, whole: bool = False
    ) -> None:
        self.connection, self.tap, self._whole = connection, tap or Wiretap(), whole
        self._reader = LineReader(connection, timeout=300.0, limit=TEXT_KEPT)
        self.is_broken = False

    @property
    def is_quiet(self) -> bool:
        """Nothing has arrived that nobody asked for."""
        return not self._reader.buffered

    def command(self, line: str, doing: str, timeout: float) -> ServerReply:
        """Send one command and read the reply."""
        self.send([line], doing, timeout)
        return self.read(doing, timeout)

    def send(self, lines: Iterable[str], doing: str, timeout: float) -> None:
        """Send several commands in one go: RFC 2920."""
        commands = list(lines)
        for line in commands:
            self.tap.note("Out:", line)
        data = "".join(f"{line}\r\n" for line in commands)
        self.send_data(data.encode("utf-8", "surrogateescape"), doing, timeout)

    def send_data(self, data: bytes, doing: str, timeout: float) -> None:
        """Send bytes as they are."""
        self._reader.timeout, self._reader.deadline = timeout, None
        with self._losing(doing):
            self._reader.send_all(data)

    def read(self, doing: str, timeout: float) -> ServerReply:
        """Read one reply, however many lines it has."""
        self._reader.timeout = timeout
        self._reader.deadline = clock.monotonic() + timeout if self._whole else None
        with self._losing(doing):
            return self._reply()

    def close(self) -> None:
        """Hang up without a word."""
        with contextlib.suppress(OSError):
            self.connection.close()

    def _reply(self) -> ServerReply:
        lines: list[str] = []
        kept = 0
        for _ in range(MAX_LINES):
            line = self.tap.filter(reply.printable(self._line()))
            self.tap.note("In:", line)
            # Of an endless reply the beginning is told; its last line is what counts.
            if kept < TEXT_KEPT:
                lines.append(line)
                kept += len(line) + 1
                if kept > TEXT_KEPT and not reply.is_last(line):
                    self.tap.on_long_reply(lines)
            if reply.is_last(line):
                return reply.parse(lines, line)
            if not reply.is_continued(line):
                self.tap.is_suspect = True
                if self.tap.is_pipelined:
                    self.tap.on_garbage(line)
        raise EOFError("a reply without an end")

    def _line(self) -> str:
        piece = self._reader.read_line()
        text = piece.decode("utf-8", "surrogateescape")
        if piece.endswith(b"\n"):
            return text.rstrip("\r\n")
        if len(piece) < TEXT_KEPT:
            raise EOFError("connection closed in a line")
        self.tap.on_long_line(text)
        for _ in range(MAX_LINES):
            if self._reader.read_line().endswith(b"\n"):
                return text
        raise EOFError("a line without an end")

    @contextlib.contextmanager
    def _losing(self, doing: str) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self.is_broken = True
            raise ConversationLost(doing, timed_out=True) from None
        except (OSError, EOFError):
            self.is_broken = True
            raise ConversationLost(doing, timed_out=False) from None
