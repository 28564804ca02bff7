"""Commands in containers with their streams connected, and consoles, through the Docker API.

Without a terminal, Docker sends standard output and error in one stream of frames: one byte
of kind (1, 2), three unused, four of length (Docker Engine API, "Stream format").
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import struct
import termios
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO, Any, Final, TextIO

import docker
from docker.models.containers import Container

FRAME: Final = struct.Struct("!BxxxL")
STDERR: Final = 2
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Exec:
    """A command in a container."""

    def __init__(
        self,
        client: docker.DockerClient,
        container: str,
        argv: Sequence[str],
        *,
        user: str = "",
        terminal: bool = False,
    ) -> None:
        self._api = client.api
        self._terminal = terminal
        environment = {"PATH": PATH, "LANG": "C.UTF-8", "TERM": os.environ.get("TERM", "dumb")}
        self._id = self._api.exec_create(
            container, list(argv), stdin=True, tty=terminal, user=user, environment=environment
        )["Id"]
        stream: Any = self._api.exec_start(self._id, socket=True, tty=terminal)
        self._socket: socket.socket = getattr(stream, "_sock", stream)
        self._socket.settimeout(None)
        self._stream = stream

    def __enter__(self) -> Exec:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def input_fd(self) -> int:
        """Give the descriptor that leads to the command's standard input."""
        return self._socket.fileno()

    def end_of_input(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def collect(self) -> tuple[bytes, bytes]:
        """Read standard output and error to their end."""
        streams = {1: bytearray(), STDERR: bytearray()}
        for kind, data in self.frames():
            streams[kind] += data
        return bytes(streams[1]), bytes(streams[STDERR])

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Give pieces of output as they come, each with its stream (1 or 2)."""
        if self._terminal:
            while data := self._socket.recv(65536):
                yield 1, data
            return
        while head := self._exactly(FRAME.size):
            kind, length = FRAME.unpack(head)
            yield kind, self._exactly(length)

    def exit_code(self) -> int:
        code = self._api.exec_inspect(self._id)["ExitCode"]
        return 1 if code is None else int(code)

    def relay(self, source: TextIO, out: TextIO, err: TextIO) -> None:
        """Connect the caller's own streams until the command ends."""
        with self._raw_terminal():
            threading.Thread(
                target=self._copy_input, args=(source.fileno(),), daemon=True
            ).start()
            for kind, data in self.frames():
                os.write((err if kind == STDERR else out).fileno(), data)

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _copy_input(self, source: int) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(source, 65536):
                self._socket.sendall(data)
            self.end_of_input()

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                return b""
            data += more
        return bytes(data)

    @contextlib.contextmanager
    def _raw_terminal(self) -> Iterator[None]:
        if not self._terminal:
            yield
            return
        saved = termios.tcgetattr(0)
        self._copy_size()
        previous = signal.signal(signal.SIGWINCH, lambda *_: self._copy_size())
        try:
            tty.setraw(0, termios.TCSADRAIN)  # what was typed ahead is kept
            yield
        finally:
            signal.signal(signal.SIGWINCH, previous)
            termios.tcsetattr(0, termios.TCSADRAIN, saved)

    def _copy_size(self) -> None:
        with contextlib.suppress(OSError):
            packed = fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8)
            rows, columns = struct.unpack("4H", packed)[:2]
            self._api.exec_resize(self._id, rows, columns)


class Attached:
    """A command whose standard input and output stay open; its errors go nowhere."""

    def __init__(self, running: Exec) -> None:
        self._running = running
        reader, writer = os.pipe()
        self.stdin: IO[bytes] = os.fdopen(os.dup(running.input_fd()), "wb", buffering=0)
        self.stdout: IO[bytes] = os.fdopen(reader, "rb")
        threading.Thread(target=self._copy, args=(writer,), daemon=True).start()

    def close(self) -> None:
        self.stdin.close()
        self._running.close()
        self.stdout.close()

    def _copy(self, writer: int) -> None:
        with contextlib.suppress(OSError):
            for kind, data in self._running.frames():
                if kind != STDERR:
                    os.write(writer, data)
        os.close(writer)


def console_lines(container: Container, deadline: float) -> Iterator[str]:
    """Give the lines that a container prints, until it ends or the deadline comes."""
    stream: Any = container.logs(stream=True, follow=True)
    # Its close() shuts the socket down, which wakes whoever reads from it.
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), _abandon, [stream])
    timer.daemon = True
    timer.start()
    unfinished = b""
    try:
        for data in stream:
            *lines, unfinished = (unfinished + data).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
    except (OSError, ValueError, AttributeError):
        return  # the deadline has come
    finally:
        timer.cancel()


def _abandon(stream: Any) -> None:
    with contextlib.suppress(OSError, AttributeError):  # it has just ended by itself
        stream.close()
