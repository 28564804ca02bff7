"""The client of scache(8): open connections that another process may go on with.

INPUT AND OUTPUT
    ``save(kind, label, value, connection)`` puts a connection (kind "endpoint"), or the label
    of one (kind "destination"), under a label; ``find(kind, label)`` takes it out again.  A
    connection is at one place at a time: what was found is no longer kept.

WHY A DAEMON
    The file descriptor itself travels, over SCM_RIGHTS: postconf(5)
    smtp_connection_cache_on_demand helps only when any process can use what another opened.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services import ipc

ENDPOINT: Final = "endpoint"
DESTINATION: Final = "destination"


class Kept(NamedTuple):
    """What was found; ``connection`` is None for a destination."""

    value: str
    connection: socket.socket | None


def save(
    config: Config, request: Mapping[str, str], connection: socket.socket | None = None
) -> bool:
    """Keep something for ``ttl`` seconds; False when nobody keeps it."""
    try:
        with _connect(config) as service:
            fds = [] if connection is None else [connection.fileno()]
            socket.send_fds(service, [ipc.encode({"request": "save", **request})], fds)
            return ipc.receive(service).get("status") == "0"
    except (OSError, EOFError, ipc.ProtocolError):
        return False


def find(config: Config, kind: str, label: str) -> Kept | None:
    """Take something out; None when there is nothing, or nobody to ask."""
    try:
        with _connect(config) as service:
            ipc.send(service, {"request": "find", "kind": kind, "label": label})
            return _answer(service)
    except (OSError, EOFError, ipc.ProtocolError):
        return None


def _connect(config: Config) -> socket.socket:
    timeout = float(config.seconds("connection_cache_protocol_timeout"))
    name = config.text("connection_cache_service_name")
    return ipc.connect(config, "private", name, timeout)


def _answer(service: socket.socket) -> Kept | None:
    data, fds, _flags, _address = socket.recv_fds(service, LONGEST, 1)
    answer = ipc.decode(data) if data else None
    if answer is None or answer.get("status") != "0":
        for fd in fds:
            with contextlib.suppress(OSError):
                socket.socket(fileno=fd).close()
        return None
    return Kept(answer.get("value", ""), socket.socket(fileno=fds[0]) if fds else None)


LONGEST: Final = 65536  # of a message; the value is a handful of short words
