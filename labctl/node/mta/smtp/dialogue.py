"""The wire to one server: send lines, read replies, each with its own time limit.

FAILURES
    ``ConversationLost`` says what we were doing; the words go into the log and the report.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from typing import Final

from labctl.node.base.lines import LineReader, send_all
from labctl.node.mta.smtp import reply
from labctl.node.mta.smtp.reply import ServerReply

MAX_LINES: Final = 100  # of one reply


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


class Dialogue:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = LineReader(connection, timeout=300.0)

    def command(self, line: str, doing: str, timeout: float) -> ServerReply:
        """Send one command and read the reply."""
        self.send([line], doing, timeout)
        return self.read(doing, timeout)

    def send(self, lines: Iterable[str], doing: str, timeout: float) -> None:
        """Send several commands in one go: RFC 2920."""
        data = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
        self.send_data(data, doing, timeout)

    def send_data(self, data: bytes, doing: str, timeout: float) -> None:
        """Send bytes as they are."""
        try:
            send_all(self._connection, data, timeout=timeout)
        except TimeoutError:
            raise ConversationLost(doing, timed_out=True) from None
        except OSError:
            raise ConversationLost(doing, timed_out=False) from None

    def read(self, doing: str, timeout: float) -> ServerReply:
        """Read one reply, however many lines it has."""
        self._reader.timeout = timeout
        lines: list[str] = []
        try:
            while not lines or (not reply.is_last(lines[-1]) and len(lines) < MAX_LINES):
                line = self._reader.read_line().decode("utf-8", "surrogateescape")
                lines.append(line.rstrip("\r\n"))
        except TimeoutError:
            raise ConversationLost(doing, timed_out=True) from None
        except (OSError, EOFError):
            raise ConversationLost(doing, timed_out=False) from None
        return reply.parse(lines)

    def close(self) -> None:
        """Hang up without a word."""
        with contextlib.suppress(OSError):
            self._connection.close()
