"""Read lines from a blocking socket, with a deadline and a limit.

INPUT AND OUTPUT
    Lines come with their line ending, as they were sent: what counts as one is settled by the
    grammar of the protocol (``wire.lines``).  ``read_some()`` gives content in large pieces.

FAILURES
    ``EOFError`` when the peer has gone, ``TimeoutError`` when it says nothing for too long.

WHY THE KERNEL WAITS
    With SO_RCVTIMEO a read is one system call; a timeout of Python's costs a poll(2) each, and
    two more calls for every look at what has arrived unasked.
"""

from __future__ import annotations

import socket
from typing import Final

from labctl.node.base import clock, sockets

_PIECE: Final = 65536


class LineReader:
    """Buffered input from one peer."""

    def __init__(self, connection: socket.socket, *, timeout: float, limit: int = 8192) -> None:
        self.connection = connection  # exchanged when TLS begins
        self.timeout = timeout  # seconds of silence
        self.limit = limit  # a longer line comes in pieces of this size
        self.deadline: float | None = None  # in clock.monotonic(), for all reads together
        self._buffer = bytearray()
        self._waits = -1.0  # what the socket was told last

    @property
    def buffered(self) -> int:
        """Bytes that wait here already: the peer sends commands ahead (RFC 2920)."""
        return len(self._buffer)

    def peek(self) -> bytes:
        """What has arrived and was not asked for yet, without waiting for more."""
        if not self._buffer:
            self._wait_at_most(self._patience())
            try:
                self._buffer += self.connection.recv(_PIECE, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                return b""  # nothing is there, or an end that the next read will notice
        return bytes(self._buffer[:100])

    def read_line(self) -> bytes:
        """One line with its LF; without LF if it is longer than the limit or the last one."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched >= self.limit:
                return self._take(self.limit)
            if not self._fill():
                if self._buffer:
                    return self._take(len(self._buffer))
                raise EOFError("connection closed")
        return self._take(min(end + 1, self.limit))

    def read_some(self) -> bytes:
        """What is here, or else what comes next; b"" at the end."""
        if not self._buffer:
            self._fill()
        return self._take(len(self._buffer))

    def read_exactly(self, size: int) -> bytes:
        """This many bytes."""
        while len(self._buffer) < size:
            if not self._fill():
                raise EOFError("connection closed")
        return self._take(size)

    def unread(self, data: bytes) -> None:
        """Put back what was read too far."""
        self._buffer[:0] = data

    def discard(self) -> None:
        """Forget what was sent ahead: RFC 3207 4.2 wants that when TLS begins."""
        self._buffer.clear()

    def send_all(self, data: bytes) -> None:
        """Send everything, with the same patience as for reading."""
        self._wait_at_most(self._patience())
        try:
            self.connection.sendall(data)
        except BlockingIOError:
            raise TimeoutError("the peer does not read") from None

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _fill(self) -> bool:
        self._wait_at_most(self._patience())
        try:
            data = self.connection.recv(_PIECE)
        except BlockingIOError:
            raise TimeoutError("the peer is silent") from None
        self._buffer += data
        return bool(data)

    def _wait_at_most(self, seconds: float) -> None:
        # Somebody else may have written to the socket, with a patience of his own.
        if seconds != self._waits or self.connection.gettimeout() is not None:
            sockets.wait_at_most(self.connection, seconds)
            self._waits = seconds

    def _patience(self) -> float:
        if self.deadline is None:
            return self.timeout
        left = self.deadline - clock.monotonic()
        if left <= 0:
            raise TimeoutError("deadline exceeded")
        return min(left, self.timeout)
