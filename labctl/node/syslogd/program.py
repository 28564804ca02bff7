"""syslogd: take lines from /dev/log, and write those of each facility into its file.

INPUT AND OUTPUT
    ``syslogd [-f]``: always in the foreground of whoever starts it; init forks it.  mail.* goes
    to /var/log/maillog, auth.* and authpriv.* to /var/log/auth.log, the rest to
    /var/log/messages.

SIGNALS
    HUP: open the files anew, after a rotation.
"""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base import clock, sockets
from labctl.node.base.events import EventLoop
from labctl.node.base.log import DEV_LOG, FACILITIES, timestamp

LARGEST: Final = 65536
BATCH: Final = 256  # datagrams taken in one round, before signals are looked at
USER_NOTICE: Final = 13  # RFC 3164 4.3.3: what has no priority is user.notice

FILES: Final[Mapping[int, str]] = {
    FACILITIES["mail"]: "/var/log/maillog",
    FACILITIES["auth"]: "/var/log/auth.log",
    FACILITIES["authpriv"]: "/var/log/auth.log",
}
OTHERS: Final = "/var/log/messages"
PRIORITY: Final = re.compile(rb"<(\d{1,3})>")
DATE: Final = re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")


class Line(NamedTuple):
    """One message, taken apart."""

    path: str
    data: bytes


def main(argv: Sequence[str]) -> int:
    """Serve /dev/log until SIGTERM."""
    listener = sockets.listen_unix(DEV_LOG, datagrams=True)
    # A burst of lines must find room while we write.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    loop, writer = EventLoop(), Writer()
    loop.add_reader(listener.fileno(), lambda: receive(listener, writer))
    loop.on_signal(signal.SIGHUP, writer.close)
    loop.on_signal(signal.SIGTERM, loop.stop)
    loop.run()
    return 0


class Writer:
    """The files that are open."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}

    def write(self, line: Line) -> None:
        if line.path not in self._files:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._files[line.path] = os.open(line.path, flags, 0o644)
        os.write(self._files[line.path], line.data)

    def close(self) -> None:
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()


def receive(listener: socket.socket, writer: Writer) -> None:
    """Write what has come."""
    for _ in range(BATCH):
        try:
            datagram = listener.recv(LARGEST)
        except BlockingIOError:
            return
        writer.write(to_line(datagram, os.uname().nodename, clock.now()))


def to_line(datagram: bytes, hostname: str, now: float) -> Line:
    """RFC 3164 4.1 as sent by syslog(3): <priority>date tag: text; the host is added here."""
    priority = USER_NOTICE
    if match := PRIORITY.match(datagram):
        priority, datagram = int(match[1]), datagram[match.end() :]
    text = datagram.rstrip(b"\n\0").replace(b"\n", b" ")
    date = timestamp(now).encode() + b" "
    if match := DATE.match(text):
        date, text = match[0], text[match.end() :]
    host = hostname.partition(".")[0].encode()
    return Line(FILES.get(priority >> 3, OTHERS), date + host + b" " + text + b"\n")
