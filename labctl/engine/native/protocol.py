"""Messages between the command line and the supervisor of a lab.

A message is a JSON object behind its length (4 bytes, network order); file descriptors travel
with its first byte (unix(7) SCM_RIGHTS).  A request has the key "op"; the answer to it has
"error" and "hint" when the world refused.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any, Final

from labctl.errors import ExitCode, LabError

LENGTH: Final = struct.Struct("!I")
LIMIT: Final = 64 << 20
MAX_FDS: Final = 4

Message = dict[str, Any]


class Closed(LabError):
    """The other side has gone."""

    def __init__(self) -> None:
        super().__init__(
            "the supervisor of the lab has ended, and with it all of the lab",
            hint="labctl up starts the lab anew.",
        )


def send(channel: socket.socket, message: Message, fds: Sequence[int] = ()) -> None:
    """Send one message; the descriptors stay open here."""
    data = json.dumps(message).encode()
    data = LENGTH.pack(len(data)) + data
    try:
        sent = socket.send_fds(channel, [data], list(fds)) if fds else channel.send(data)
        channel.sendall(data[sent:])
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed from error


def receive(channel: socket.socket) -> tuple[Message, list[int]]:
    """Wait for one whole message and the descriptors that came with it."""
    try:
        head, fds, _, _ = socket.recv_fds(channel, LENGTH.size, MAX_FDS)
    except ConnectionResetError as error:
        raise Closed from error
    head += _exactly(channel, LENGTH.size - len(head)) if head else b""
    if not head:
        raise Closed
    (length,) = LENGTH.unpack(head)
    if length > LIMIT:
        raise Closed
    for fd in fds:
        os.set_inheritable(fd, False)
    return json.loads(_exactly(channel, length)), fds


def ask(channel: socket.socket, message: Message, fds: Sequence[int] = ()) -> Message:
    """Send a request and give its answer; a refusal becomes a ``LabError``."""
    send(channel, message, fds)
    return answer(channel)[0]


def answer(channel: socket.socket) -> tuple[Message, list[int]]:
    """Wait for an answer; a refusal becomes a ``LabError``."""
    message, fds = receive(channel)
    if "error" in message:
        raise LabError(
            message["error"],
            hint=message.get("hint", ""),
            exit_code=ExitCode(message.get("exit_code", ExitCode.ENVIRONMENT)),
        )
    return message, fds


def refusal(error: LabError) -> Message:
    """Make the answer that ``answer()`` raises as ``error``."""
    return {"error": error.what, "hint": error.hint, "exit_code": int(error.exit_code)}


def _exactly(channel: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        try:
            more = channel.recv(count - len(data))
        except ConnectionResetError as error:
            raise Closed from error
        if not more:
            raise Closed
        data += more
    return bytes(data)
