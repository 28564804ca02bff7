"""A child that passes everything between its client and another server (xinetd's redirect)."""

from __future__ import annotations

import select
import socket
from typing import Final

from labctl.node.base import processes, sockets
from labctl.node.base.log import ERROR, Log

CONNECT_TIMEOUT: Final = 30.0


def start(host: str, port: str, descriptor: int, log: Log) -> int:
    """Fork the child; its pid."""

    def run() -> int:
        try:
            number = sockets.port_number(port)
            there = sockets.connect_inet(host, number, timeout=CONNECT_TIMEOUT)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            code = f" (errno = {error.errno})" if isinstance(error, OSError) else ""
            log.write(ERROR, f"can't connect to remote host {host}: {reason}{code}")
            return 0
        here = socket.socket(fileno=descriptor)
        here.setblocking(True)
        there.setblocking(True)
        _relay(here, there)
        return 0

    return processes.fork_program(run, title="xinetd: redirect", log=log, keep=[descriptor])


def _relay(here: socket.socket, there: socket.socket) -> None:
    """Until both have said all that they have to say."""
    other = {here: there, there: here}
    reading = [here, there]
    while reading:
        for source in select.select(reading, [], [])[0]:
            data = source.recv(65536)
            if data:
                other[source].sendall(data)
            else:
                reading.remove(source)
                other[source].shutdown(socket.SHUT_WR)
