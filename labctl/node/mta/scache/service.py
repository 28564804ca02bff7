"""scache(8): one request a connection; the descriptors that it keeps travel beside the text.

INPUT AND OUTPUT
    save (kind, label, value, ttl, and a descriptor) -> status
    find (kind, label) -> status, value, and the descriptor, which is then no longer ours
    lib/services/scache.py is the client.

BUGS
    A client that is slow with its request holds up the others for as long as
    connection_cache_protocol_timeout: only our own SMTP clients reach the socket.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock
from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.daemon import server
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.services import ipc, scache
from labctl.node.mta.scache.shelf import Item, Shelf


@dataclass
class Service:
    """The shelves, and the loop that clears them."""

    loop: EventLoop
    longest: float  # connection_cache_ttl_limit
    timeout: float
    shelves: Mapping[str, Shelf] = field(
        default_factory=lambda: {scache.ENDPOINT: Shelf(), scache.DESTINATION: Shelf()}
    )

    def serve(self, client: socket.socket) -> None:
        """One request of one client; whoever makes no sense is hung up on."""
        client.settimeout(self.timeout)
        with client, contextlib.suppress(OSError, ipc.ProtocolError, KeyError, ValueError):
            data, descriptors, _flags, _address = socket.recv_fds(client, scache.LONGEST, 1)
            request = ipc.decode(data) if data else None
            if request is None or request.get("request") not in REQUESTS:
                _close(descriptors)
                return
            REQUESTS[request["request"]](self, client, request, descriptors)

    def save(
        self, client: socket.socket, request: Mapping[str, str], descriptors: list[int]
    ) -> None:
        """Keep what came."""
        ttl = min(float(request["ttl"]), self.longest)
        descriptor = descriptors[0] if descriptors else -1
        expires = clock.monotonic() + ttl
        item = Item(request["value"], descriptor, expires)
        self.shelves[request["kind"]].put(request["label"], item)
        self.loop.call_later(ttl, self.clear)
        ipc.send(client, {"status": "0"})

    def find(
        self, client: socket.socket, request: Mapping[str, str], descriptors: list[int]
    ) -> None:
        """Give out what is kept."""
        _close(descriptors)
        shelf = self.shelves[request["kind"]]
        item = shelf.take(request["label"], clock.monotonic())
        if item is None:
            ipc.send(client, {"status": "-1"})
            return
        kept = [item.descriptor] if item.descriptor >= 0 else []
        answer = ipc.encode({"status": "0", "value": item.value})
        try:
            socket.send_fds(client, [answer], kept)
        finally:
            _close(kept)

    def clear(self) -> None:
        """Hang up on the servers that nobody wants to talk to any more."""
        for shelf in self.shelves.values():
            _close([item.descriptor for item in shelf.expire(clock.monotonic())])

    def figures(self) -> list[str]:
        """How much it helped, in the words of scache(8)."""
        lines = []
        for word, kind in (("domain", scache.DESTINATION), ("address", scache.ENDPOINT)):
            shelf = self.shelves[kind]
            if total := shelf.hits + shelf.misses:
                rate = 100 * shelf.hits // total
                figures = f"hits={shelf.hits} miss={shelf.misses} success={rate}%"
                lines.append(f"statistics: {word} lookup {figures}")
        return lines


def serve(context: ServiceContext) -> None:
    """Serve the SMTP clients until master ends us."""
    config, loop = context.config, EventLoop()
    service = Service(
        loop,
        float(config.seconds("connection_cache_ttl_limit")),
        float(config.seconds("connection_cache_protocol_timeout")),
    )
    server.attach(context, loop, service.serve)
    loop.run()
    for line in service.figures():
        context.log.info(line)


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)


REQUESTS: Final = {"save": Service.save, "find": Service.find}
