"""Talking to a service without waiting for it: attribute messages over the event loop.

INPUT AND OUTPUT
    ``ask(loop, path, pairs, on_answer)`` for one question over a connection of its own.
    ``Channel`` for a connection that stays.  The callback gets the attributes, or None, once,
    when the service is not there or has hung up.

BUGS
    A service that is alive and silent is waited for; its own limits end it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.services import ipc

OnMessage = Callable[[dict[str, str] | None], None]


class Channel:
    """One non-blocking connection; OSError from the constructor when nobody listens."""

    def __init__(self, loop: EventLoop, path: str, on_message: OnMessage) -> None:
        self._loop, self._on_message = loop, on_message
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        try:
            # A full backlog answers BlockingIOError; the caller tries again later.
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._descriptor = self._socket.fileno()
        loop.add_reader(self._descriptor, self._read)

    def send(self, pairs: Mapping[str, str]) -> None:
        self._outgoing += ipc.encode(pairs)
        self._write()

    def close(self) -> None:
        """Hang up; the callback is not called."""
        if self._descriptor < 0:
            return
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        self._socket.close()
        self._descriptor = -1

    def _read(self) -> None:
        try:
            piece = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._fail()
            return
        self._incoming += piece
        try:
            message = ipc.decode(self._incoming)
        except ipc.ProtocolError:
            self._fail()
            return
        if message is not None:
            self._incoming.clear()
            self._on_message(message)

    def _write(self) -> None:
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            sent = 0
        except OSError:
            # The reader will see the end, and tells our user from there.
            self._outgoing.clear()
            sent = 0
        del self._outgoing[:sent]
        if not self._outgoing:
            self._loop.remove_writer(self._descriptor)
        elif self._descriptor >= 0:
            self._loop.add_writer(self._descriptor, self._write)

    def _fail(self) -> None:
        self.close()
        self._on_message(None)


def ask(loop: EventLoop, path: str, pairs: Mapping[str, str], on_answer: OnMessage) -> None:
    """One question, one answer."""

    def answered(message: dict[str, str] | None) -> None:
        channel.close()
        on_answer(message)

    try:
        channel = Channel(loop, path, answered)
    except OSError:
        # Not from here: the caller may still be in the middle of something.
        loop.call_later(0, lambda: on_answer(None))
        return
    channel.send(pairs)
