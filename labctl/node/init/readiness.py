"""Ask a service whether it is ready, by its own protocol, without waiting for the answer.

STATES OF A PROBE
    asking --right answer--> done
       ^ +----no, or silence: try again a little later, until the deadline
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.base import clock
from labctl.node.base.events import EventLoop, Timer
from labctl.node.init.inittab import Probe

FIRST_WAIT, LONGEST_WAIT = 0.005, 0.1
SILENCE: Final = 2.0  # a datagram may be lost; a stream that says nothing is not ready

Done = Callable[[str], None]  # "" or the reason of the failure


class Watch:
    """One probe, repeated until it is answered."""

    def __init__(self, loop: EventLoop, probe: Probe, patience: float, done: Done) -> None:
        self._loop, self._probe, self._done = loop, probe, done
        self._deadline = clock.monotonic() + patience
        self._wait = FIRST_WAIT
        self._reason = "no answer"
        self._socket: socket.socket | None = None
        self._timer: Timer | None = None
        self._ask()

    def cancel(self) -> None:
        self._hang_up()
        if self._timer is not None:
            self._timer.cancel()

    def _ask(self) -> None:
        try:
            self._socket = OPENERS[self._probe.kind](self._probe)
        except OSError as error:
            self._try_again(error.strerror or str(error))
            return
        if self._probe.kind in CONNECTION_IS_ENOUGH:
            self._succeed()
            return
        self._loop.add_reader(self._socket.fileno(), self._answered)
        self._timer = self._loop.call_later(SILENCE, lambda: self._try_again("no answer"))

    def _answered(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(4096)
        except OSError as error:
            self._try_again(error.strerror or str(error))
            return
        if ANSWERS[self._probe.kind](data, self._probe):
            with contextlib.suppress(OSError):
                self._socket.send(FAREWELLS.get(self._probe.kind, b""))
            self._succeed()
        else:
            self._try_again(f"unexpected answer: {data[:60]!r}" if data else "closed at once")

    def _succeed(self) -> None:
        self.cancel()
        self._done("")

    def _try_again(self, reason: str) -> None:
        self.cancel()
        if clock.monotonic() > self._deadline:
            self._done(f"{self._probe}: {reason}")
            return
        self._timer = self._loop.call_later(self._wait, self._ask)
        self._wait = min(self._wait * 2, LONGEST_WAIT)

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None


def query(zone: str) -> bytes:
    """A question for the SOA of a zone: RFC 1035 4.1."""
    labels = [label.encode() for label in zone.rstrip(".").split(".") if label]
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack(">6H", QUERY_ID, 0, 1, 0, 0, 0) + name + struct.pack(">2H", SOA, IN)


def is_authoritative(data: bytes, _probe: Probe) -> bool:
    """RFC 1035 4.1.1: an answer, authoritative, without error, with at least one record."""
    if len(data) < 12:
        return False
    number, flags, _, answers = struct.unpack_from(">4H", data)
    wanted = flags & (RESPONSE | AUTHORITATIVE) == RESPONSE | AUTHORITATIVE
    return number == QUERY_ID and wanted and not flags & 0xF and answers > 0


def _open_stream(probe: Probe) -> socket.socket:
    """A connection to ourselves is made or refused at once."""
    connection = socket.create_connection((probe.address, probe.port), timeout=1.0)
    connection.setblocking(False)
    return connection


def _open_dns(probe: Probe) -> socket.socket:
    family = socket.AF_INET6 if ":" in probe.address else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.setblocking(False)
    try:
        datagrams.connect((probe.address, probe.port))
        datagrams.send(query(probe.expect))
    except OSError:
        datagrams.close()
        raise
    return datagrams


def _open_unix(probe: Probe) -> socket.socket:
    datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        datagrams.connect(probe.address)
    except OSError:
        datagrams.close()
        raise
    return datagrams


QUERY_ID: Final = 0x4C41
SOA, IN = 6, 1
RESPONSE, AUTHORITATIVE = 0x8000, 0x0400
OPENERS: Final[Mapping[str, Callable[[Probe], socket.socket]]] = {
    "smtp": _open_stream,
    "pop3": _open_stream,
    "imap": _open_stream,
    "tcp": _open_stream,
    "dns": _open_dns,
    "unix": _open_unix,
}
CONNECTION_IS_ENOUGH: Final = {"tcp", "unix"}
ANSWERS: Final[Mapping[str, Callable[[bytes, Probe], bool]]] = {
    "smtp": lambda data, _: data.startswith(b"220"),  # RFC 5321 4.3.1
    "pop3": lambda data, _: data.startswith(b"+OK"),  # RFC 1939 4
    "imap": lambda data, _: data.startswith((b"* OK", b"* PREAUTH")),  # RFC 3501 7.1
    "dns": is_authoritative,
}
FAREWELLS: Final[Mapping[str, bytes]] = {
    "smtp": b"QUIT\r\n",
    "pop3": b"QUIT\r\n",
    "imap": b"a LOGOUT\r\n",
}
