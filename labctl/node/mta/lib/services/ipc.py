"""How the programs of the mail system talk: lists of attributes over local sockets.

THE PROTOCOL
    One message is name NUL value NUL ... NUL: pairs, ended by an empty name.  A client sends a
    message and waits for the answer before it sends the next, so that a message never has
    another one behind it.

INPUT AND OUTPUT
    ``connect(config, "private", "rewrite", timeout)`` -> socket, ``send()``, ``receive()``.
    ``trigger(config, "public", "pickup", b"W")`` says that there is work, and does not wait.

FAILURES
    ``OSError`` (no such service, timeout) and ``EOFError`` (the server went away) mean that
    the service is unavailable: a temporary condition, which the caller turns into a deferral.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final, Literal, Protocol

from labctl.node.base import sockets

Class = Literal["public", "private"]
_PIECE: Final = 65536
_LARGEST: Final = 64 * 1024 * 1024


class ProtocolError(Exception):
    """The other side does not speak this protocol."""


class Settings(Protocol):
    """What is needed of ``main_cf.Config``."""

    def text(self, name: str) -> str: ...


def service_path(config: Settings, kind: Class, service: str) -> str:
    """Where a service of the mail system listens."""
    return os.path.join(config.text("queue_directory"), kind, service)


def connect(config: Settings, kind: Class, service: str, timeout: float) -> socket.socket:
    """A connection to a service; the timeout holds for each read and write."""
    return sockets.connect_unix(service_path(config, kind, service), timeout=timeout)


def request(
    config: Settings,
    kind: Class,
    service: str,
    attributes: Mapping[str, str],
    *,
    timeout: float,
) -> dict[str, str]:
    """One question, one answer, over a connection of its own."""
    with connect(config, kind, service, timeout) as connection:
        send(connection, attributes)
        return receive(connection)


def trigger(config: Settings, kind: Class, service: str, data: bytes) -> bool:
    """Wake a service up; False when it is not there, which is nobody's mistake."""
    with contextlib.suppress(OSError):
        with connect(config, kind, service, 1.0) as connection:
            connection.sendall(data)
        return True
    return False


def send(connection: socket.socket, attributes: Mapping[str, str]) -> None:
    """Send one message."""
    connection.sendall(encode(attributes))


def receive(connection: socket.socket) -> dict[str, str]:
    """Receive one message; EOFError when the other side has closed before it began."""
    data = bytearray()
    while True:
        piece = connection.recv(_PIECE)
        if not piece:
            raise EOFError("connection closed" + (" in a message" if data else ""))
        data += piece
        if data.endswith(b"\0") and (message := decode(data)) is not None:
            return message
        if len(data) > _LARGEST:
            raise ProtocolError("message too large")


def encode(attributes: Mapping[str, str]) -> bytes:
    """One message as bytes."""
    text = "".join(f"{name}\0{value}\0" for name, value in attributes.items())
    if text.count("\0") != 2 * len(attributes):
        raise ProtocolError("a name or value contains NUL")
    return text.encode("utf-8", "surrogateescape") + b"\0"


def decode(data: bytes | bytearray) -> dict[str, str] | None:
    """One whole message, or None if it is not whole yet."""
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    # After the last NUL there is nothing; before it stands the empty name, at an even place.
    if len(fields) % 2 or fields[-2]:
        return None
    names, values = fields[:-2:2], fields[1:-2:2]
    if "" in names:
        raise ProtocolError("more than one message at once")
    return dict(zip(names, values, strict=True))
