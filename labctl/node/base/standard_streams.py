"""Serve one client on the standard streams, as inetd(8) hands it over.

INPUT AND OUTPUT
    ``read_line`` and ``read_exactly`` wait until a deadline; ``write`` collects, and
    ``flush``, or the next read that must wait, sends.

FAILURES
    ``EOFError`` when the client has gone, ``TimeoutError`` when it says nothing for too long,
    ``Signalled`` when a signal came while we waited.  A signal that comes while a command
    runs is told at the next wait: no operation on a mailbox is torn in the middle.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import stat
from collections.abc import Iterable
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.base.tls import Certificate, Cipher

_PIECE: Final = 65536
_SEND_PATIENCE: Final = 300.0


class Signalled(Exception):
    """A signal that the session must obey."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.strsignal(number))
        self.number = number


class Peer(NamedTuple):
    """Who is at the other end, and how it may call us."""

    server: str  # the name of our address that the client connected to
    address: str  # "" when there is no network between us
    described: str  # "name [address]" for the log, "UNKNOWN" without network
    port: int = 0  # of ours, 0 without network


class StandardStreams:
    """The client that inetd(8) has put on our standard streams."""

    def __init__(self, incoming: int = 0, outgoing: int = 1) -> None:
        self._in, self._out = incoming, outgoing
        self._input = bytearray()
        self._output: list[bytes] = []
        self._collected = 0
        self._pending: list[int] = []
        self._wakeup = -1
        self._cipher: Cipher | None = None

    def heed(self, numbers: Iterable[int]) -> None:
        """From now on these signals end a wait with ``Signalled``."""
        self._wakeup, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda got, _frame: self._pending.append(got))

    def start_tls(self, certificate: Certificate, timeout: float) -> None:
        """From here on everything is encrypted; TlsFailure if the client cannot."""
        self.flush()
        # RFC 3207 6: what was said before, by whomever, does not count any more.
        self._input.clear()
        cipher = Cipher(certificate)
        complete = False
        while not complete:
            if not self._wait(timeout):
                raise TimeoutError("client is silent")
            complete = cipher.shake_hands(self._received())
            self._send_all(cipher.pending())
        self._cipher = cipher
        # A client may send its first command together with the end of the handshake.
        self._input += cipher.decrypted(b"")

    def read_line(self, timeout: float, *, limit: int) -> bytes:
        """One line without its line ending; at most ``limit`` bytes, cut if longer."""
        searched = 0
        while (end := self._input.find(b"\n", searched)) < 0:
            searched = len(self._input)
            if searched > limit:
                return self._take(limit)
            self._fill(timeout)
        if end > limit:
            return self._take(limit)
        return self._take(end + 1).rstrip(b"\n").removesuffix(b"\r")

    def skip_line(self, timeout: float) -> None:
        """Throw away the rest of a line that was cut."""
        while (end := self._input.find(b"\n")) < 0:
            self._input.clear()
            self._fill(timeout)
        self._take(end + 1)

    def read_exactly(self, size: int, timeout: float) -> bytes:
        while len(self._input) < size:
            self._fill(timeout)
        return self._take(size)

    def wait_for_input(self, timeout: float) -> bool:
        """Whether something can be read before the time is over."""
        if self._input or not self._wait(timeout):
            return bool(self._input)
        self._take_in()
        return bool(self._input)

    def write(self, data: bytes) -> None:
        self._output.append(data)
        self._collected += len(data)
        if self._collected > _PIECE:
            self.flush()

    def flush(self) -> None:
        """Send what was collected; OSError when the client has gone."""
        data = b"".join(self._output)
        self._output.clear()
        self._collected = 0
        self._send_all(data if self._cipher is None else self._cipher.encrypted(data))

    def _send_all(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._send(left) :]

    def _send(self, data: memoryview) -> int:
        try:
            return os.write(self._out, data)
        except BlockingIOError:
            if not select.select([], [self._out], [], _SEND_PATIENCE)[1]:
                raise TimeoutError("client does not read") from None
            return 0

    def _take(self, size: int) -> bytes:
        data = bytes(self._input[:size])
        del self._input[:size]
        return data

    def _fill(self, timeout: float) -> None:
        self.flush()
        if not self._wait(timeout):
            raise TimeoutError("client is silent")
        self._take_in()

    def _take_in(self) -> None:
        data = self._received()
        if self._cipher is not None:
            data = self._cipher.decrypted(data)
            self._send_all(self._cipher.pending())
        self._input += data

    def _received(self) -> bytes:
        try:
            data = os.read(self._in, _PIECE)
        except ConnectionError as error:
            raise EOFError("connection reset") from error
        if not data:
            raise EOFError("connection closed")
        return data

    def _wait(self, timeout: float) -> bool:
        poll = select.poll()
        poll.register(self._in, select.POLLIN)
        if self._wakeup >= 0:
            poll.register(self._wakeup, select.POLLIN)
        deadline = clock.monotonic() + timeout
        while (left := deadline - clock.monotonic()) > 0:
            ready = {fd for fd, _ in poll.poll(left * 1000)}
            if self._wakeup in ready:
                self._obey()
            if self._in in ready:
                return True
        return False

    def _obey(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup, 4096)
        if self._pending:
            raise Signalled(self._pending.pop(0))


def identify(descriptor: int = 0) -> Peer:
    """Who talks to us over this descriptor."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return Peer(own_name(), "", "UNKNOWN")
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return Peer(own_name(), "", "UNKNOWN")
        (ours, port, *_), theirs = connection.getsockname(), _peer(connection)
    if not theirs:
        return Peer(own_name(), "", "UNKNOWN")
    name = _name(theirs)
    described = f"{name} [{plain(theirs)}]" if name else f"[{plain(theirs)}]"
    return Peer(_name(ours) or f"[{plain(ours)}]", plain(theirs), described, port)


def own_name() -> str:
    """The full name of this host."""
    return socket.getfqdn()


def plain(address: str) -> str:
    """An IPv4 address that arrived on an IPv6 socket, as IPv4."""
    return address.removeprefix("::ffff:")


def _peer(connection: socket.socket) -> str:
    try:
        return str(connection.getpeername()[0])
    except OSError:
        return ""


def _name(address: str) -> str:
    # The port is not asked for: its name would be looked up in /etc/services.
    flags = socket.NI_NAMEREQD | socket.NI_NUMERICSERV
    try:
        return socket.getnameinfo((plain(address), 0), flags)[0]
    except socket.gaierror:
        return ""
