"""What can be asked of a Docker engine without its SDK: whether it is there, and has labs.

WHY
    Most commands look for a lab on every engine. The SDK takes longer to import than they take
    to run, so it is loaded only when there is something to do with it.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from labctl.engine.docker import labels

DEADLINE: Final = 2.0  # seconds; a local engine answers in milliseconds
LISTS: Final = ("/containers/json?all=1&limit=1&filters=", "/networks?filters=")


def answers() -> bool:
    """Ask the engine of DOCKER_HOST, or the local one, whether it is there."""
    return _get("/_ping") is not None


def has_labs(lab: str = "") -> bool:
    """Whether the engine has anything of ``lab``, or of any lab."""
    wanted = quote(json.dumps(labels.filters(lab)))
    bodies = [_get(path + wanted) for path in LISTS]
    # An empty list is "[]" and a line end.
    return any(body is not None and body.strip() != b"[]" for body in bodies)


def _get(path: str) -> bytes | None:
    """Give the body of a good answer; None when there is none."""
    where = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    if where.scheme not in CONNECT:
        return b""  # ssh:// and the like: only the SDK can tell
    request = f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n"
    try:
        with CONNECT[where.scheme](where) as connection:
            connection.settimeout(DEADLINE)
            connection.sendall(request.encode())
            head, _, body = _until_closed(connection).partition(b"\r\n\r\n")
    except OSError:
        return None
    return body if b" 200 " in head.partition(b"\r\n")[0] else None


def _until_closed(connection: socket.socket) -> bytes:
    data = bytearray()
    while piece := connection.recv(65536):
        data += piece
    return bytes(data)


def _unix(where: SplitResult) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(DEADLINE)
    connection.connect(where.path)
    return connection


def _tcp(where: SplitResult) -> socket.socket:
    host, port = where.hostname, where.port or 2375
    return socket.create_connection((host, port), DEADLINE)


CONNECT: Final = {"unix": _unix, "tcp": _tcp}
