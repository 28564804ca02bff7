"""socketmap:inet:host:port:name and socketmap:unix:path:name: Sendmail's protocol.

socketmap_table(5): both ways a netstring; `name key` goes out, `OK value`, `NOTFOUND `,
`TEMP reason`, `TIMEOUT reason` or `PERM reason` comes back.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.peer import LONGEST_REPLY, Peer, receive_exactly
from labctl.node.mta.lib.maps.table import MapError, Request


class SocketTable:
    """One named map of a server."""

    whole_keys_only = False
    warnings: Sequence[str] = ()

    def __init__(self, peer: Peer, name: str) -> None:
        self._peer, self._name = peer, name

    def lookup(self, key: str) -> str | None:
        """Ask the server."""
        request = f"{self._name} {key.lower()}".encode("utf-8", "surrogateescape")
        reply = self._peer.ask(b"%d:%b," % (len(request), request), receive_netstring)
        status, _, value = reply.decode("utf-8", "surrogateescape").partition(" ")
        if status == "OK":
            return value
        if status == "NOTFOUND":
            return None
        raise MapError(f"socketmap server {status}: {value}"[:200])

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: the protocol has no listing."""
        yield from ()


def open_table(request: Request) -> SocketTable:
    """Take the name apart; the server is asked at the first lookup."""
    server, colon, name = request.name.rpartition(":")
    kind, _, place = server.partition(":")
    if not colon or not place or not name:
        raise Fatal("socketmap requires server:socketmap argument")
    warn = request.config.warn
    if kind == "unix":
        return SocketTable(Peer(place, f"unix:{place}", warn), name)
    host, _, port = place.rpartition(":")
    if kind != "inet" or not port.isdigit():
        raise Fatal("socketmap requires server:socketmap argument")
    address = (host.strip("[]") or "localhost", int(port))
    return SocketTable(Peer(address, place, warn), name)


def receive_netstring(peer: socket.socket) -> bytes:
    """Read `length:bytes,`."""
    length = b""
    while (digit := receive_exactly(peer, 1)) != b":":
        length += digit
        if not digit.isdigit() or len(length) > len(str(LONGEST_REPLY)):
            raise ConnectionError("malformed netstring")
    if not length or int(length) > LONGEST_REPLY:
        raise ConnectionError("netstring too long")
    return receive_exactly(peer, int(length) + 1)[:-1]
