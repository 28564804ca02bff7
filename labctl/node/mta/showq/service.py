"""showq(8): list the queue to whoever connects to public/showq; postqueue(1) is the client."""

from __future__ import annotations

import socket

from labctl.node.mta.lib.daemon.server import ServiceContext, serve_single
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.queue.listing import encode, entries


def serve(context: ServiceContext) -> None:
    """One listing for each connection."""
    queue = QueueDirectory(context.config)
    timeout = context.config.seconds("ipc_timeout")

    def handle(client: socket.socket) -> None:
        client.settimeout(timeout)
        for entry in entries(queue):
            client.sendall((encode(entry) + "\n").encode("utf-8", "surrogateescape"))
        # An empty line says that nothing is missing.
        client.sendall(b"\n")

    serve_single(context, handle)
