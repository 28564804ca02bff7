"""Whether a Docker engine answers: one request on its socket, without the SDK."""

from __future__ import annotations

import os
import socket
from typing import Final
from urllib.parse import SplitResult, urlsplit

PING: Final = b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n"
DEADLINE: Final = 2.0  # seconds; a local engine answers in milliseconds


def answers() -> bool:
    """Ask the engine of DOCKER_HOST, or the local one, whether it is there."""
    where = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    if where.scheme not in CONNECT:
        return True  # ssh:// and the like: only the SDK can tell
    try:
        with CONNECT[where.scheme](where) as connection:
            connection.settimeout(DEADLINE)
            connection.sendall(PING)
            return b" 200 " in connection.recv(256)
    except OSError:
        return False


def _unix(where: SplitResult) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(DEADLINE)
    connection.connect(where.path)
    return connection


def _tcp(where: SplitResult) -> socket.socket:
    host, port = where.hostname, where.port or 2375
    return socket.create_connection((host, port), DEADLINE)


CONNECT: Final = {"unix": _unix, "tcp": _tcp}
