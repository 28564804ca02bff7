"""A connection to a table server, kept open between lookups."""

from __future__ import annotations

import socket
from collections.abc import Callable

from labctl.node.mta.lib.maps.table import MapError

TIMEOUT = 100.0
LONGEST_REPLY = 100_000


class Peer:
    """Connects at the first question, and once more when the server has hung up."""

    def __init__(
        self, address: tuple[str, int] | str, name: str, warn: Callable[[str], None]
    ) -> None:
        self._address, self._name, self._warn = address, name, warn
        self._socket: socket.socket | None = None

    def ask(self, request: bytes, receive: Callable[[socket.socket], bytes]) -> bytes:
        """Send a request and return the reply; a lost connection is tried again, once."""
        for attempt in (1, 2):
            try:
                peer = self._connect()
                peer.sendall(request)
                return receive(peer)
            except OSError as error:
                self.close()
                if attempt == 2:
                    reason = error.strerror or str(error)
                    self._warn(f"connect to {self._name}: {reason}")
                    raise MapError(reason) from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give the connection up."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _connect(self) -> socket.socket:
        if self._socket is not None:
            return self._socket
        if isinstance(self._address, str):
            peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            peer.settimeout(TIMEOUT)
            peer.connect(self._address)
        else:
            peer = socket.create_connection(self._address, timeout=TIMEOUT)
        self._socket = peer
        return peer


def receive_exactly(peer: socket.socket, count: int) -> bytes:
    """Return that many bytes; a server that hangs up before is an error."""
    data = b""
    while len(data) < count:
        more = peer.recv(count - len(data))
        if not more:
            raise ConnectionResetError("unexpected EOF")
        data += more
    return data
