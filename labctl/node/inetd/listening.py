"""Sockets of a super-server: bound as the configuration wants, non-blocking."""

from __future__ import annotations

import contextlib
import socket
from typing import Final

BACKLOG: Final = 128


def listen(kind: str, address: str, port: int, *, dual: bool = False) -> socket.socket:
    """A socket that receives clients (stream) or datagrams; OSError when that is refused.

    ``dual`` lets an IPv6 socket take IPv4 clients as well, as xinetd does.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    stream = kind == "stream"
    listener = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not dual))
        listener.bind((address, port))
        if stream:
            listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def accept(listener: socket.socket) -> socket.socket | None:
    """A client, or None when it has gone before we looked."""
    with contextlib.suppress(BlockingIOError, ConnectionAbortedError, InterruptedError):
        return listener.accept()[0]
    return None
