"""The services that inetd offers itself: echo, discard, chargen, daytime, time.

INPUT AND OUTPUT
    A stream service is a function of its connection, run in a child.  A datagram service maps
    one datagram to one answer, in the super-server itself.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.base import clock, processes
from labctl.node.base.log import Log

# RFC 868 counts from 1900.
_EPOCH_1900: Final = 2208988800
_PRINTABLE: Final = bytes(range(32, 127))
_WIDTH: Final = 72


def daytime() -> bytes:
    """RFC 867: in words, as ctime(3)."""
    return time.asctime(time.localtime(clock.now())).encode() + b"\r\n"


def machine_time() -> bytes:
    """RFC 868: in seconds."""
    return struct.pack("!I", (int(clock.now()) + _EPOCH_1900) & 0xFFFFFFFF)


def character_line(index: int) -> bytes:
    """RFC 864: 72 characters, each line one further."""
    start = index % len(_PRINTABLE)
    return (_PRINTABLE[start:] + _PRINTABLE[:start])[:_WIDTH] + b"\r\n"


def fork_stream(name: str, descriptor: int, log: Log) -> int:
    """A child that offers the service to one client; its pid."""

    def run() -> int:
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(True)
        with contextlib.suppress(OSError):  # the client has gone
            STREAMS[name](connection)
        return 0

    return processes.fork_program(run, title=f"-{name}", log=log, keep=[descriptor])


def _echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def _discard(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _chargen(connection: socket.socket) -> None:
    for index in itertools.count():
        connection.sendall(character_line(index))


def _daytime(connection: socket.socket) -> None:
    connection.sendall(daytime())


def _time(connection: socket.socket) -> None:
    connection.sendall(machine_time())


def datagram_answers(name: str, data: bytes) -> tuple[bytes, ...]:
    """The answer to a datagram, if the service has one."""
    answer = DATAGRAMS[name](data)
    return () if answer is None else (answer,)


# What has an answer at once: no client can make us wait.
INSTANT: Final[Mapping[str, Callable[[], bytes]]] = {"daytime": daytime, "time": machine_time}

STREAMS: Final[Mapping[str, Callable[[socket.socket], None]]] = {
    "echo": _echo,
    "discard": _discard,
    "chargen": _chargen,
    "daytime": _daytime,
    "time": _time,
}

DATAGRAMS: Final[Mapping[str, Callable[[bytes], bytes | None]]] = {
    "echo": lambda data: data,
    "discard": lambda _data: None,
    "chargen": lambda data: character_line(len(data)),
    "daytime": lambda _data: daytime(),
    "time": lambda _data: machine_time(),
}
