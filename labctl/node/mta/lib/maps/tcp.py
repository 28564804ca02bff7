"""tcp:host:port: `get key` goes out, `200 value`, `400 reason` or `500 not found` comes back.

tcp_table(5): keys and values are sent with %XX for what is not printable.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.peer import LONGEST_REPLY, Peer, receive_exactly
from labctl.node.mta.lib.maps.table import MapError, Request


class TcpTable:
    """A table behind a line protocol; it is asked for whole keys only."""

    whole_keys_only = True
    warnings: Sequence[str] = ()

    def __init__(self, peer: Peer, name: str) -> None:
        self._peer, self._name = peer, name

    def lookup(self, key: str) -> str | None:
        """Ask the server."""
        reply = self._peer.ask(b"get %b\n" % quote(key.lower()), receive_line)
        code, _, text = reply.partition(b" ")
        value = unquote(text)
        if code == b"200":
            return value
        if code == b"500":
            return None
        raise MapError(f"TCP map {self._name}: {value}")

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: the protocol has no listing."""
        yield from ()


def open_table(request: Request) -> TcpTable:
    """Take host and port apart; the server is asked at the first lookup."""
    host, colon, port = request.name.rpartition(":")
    if not colon or not port.isdigit():
        raise Fatal(f"bad TCP map server: {request.name}; need host:port")
    address = (host.strip("[]") or "localhost", int(port))
    peer = Peer(address, f"TCP map {request.name}", request.config.warn)
    return TcpTable(peer, request.name)


def quote(text: str) -> bytes:
    """Write what is not printable as %XX."""
    data = text.encode("utf-8", "surrogateescape")
    return re.sub(rb"[^!-$&-~]", lambda match: b"%%%02X" % match[0][0], data)


def unquote(data: bytes) -> str:
    """The other way round."""
    plain = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), data)
    return plain.decode("utf-8", "surrogateescape")


def receive_line(peer: socket.socket) -> bytes:
    """Read up to the newline."""
    line = b""
    while not line.endswith(b"\n"):
        line += receive_exactly(peer, 1)
        if len(line) > LONGEST_REPLY:
            raise ConnectionError("reply too long")
    return line[:-1]
