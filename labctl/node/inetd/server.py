"""The super-server inetd: watch all sockets, start a child for each client.

STATES OF A SERVICE
    watched --client (nowait)--> a child, still watched
    watched --datagram (wait)--> a child has the socket --it ends--> watched
    watched --too many in a minute--> switched off --ten minutes--> watched
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labctl.node.base import clock, processes
from labctl.node.base.events import EventLoop
from labctl.node.base.log import ERROR, Log
from labctl.node.inetd import builtin, child, listening
from labctl.node.inetd.config import Entry, parse

INTERVAL: Final = 60.0  # the rate is counted over this time
RETRY: Final = 600.0  # seconds that a looping service stays off


@dataclass(slots=True)
class Service:
    """An entry of the configuration and its socket, if it has one now."""

    entry: Entry
    listener: socket.socket | None = None
    started: int = 0
    since: float = 0.0
    busy: int = 0  # pid of the child that has the socket (wait)


class Server:
    """The listeners of inetd.conf(5), and the children that serve."""

    def __init__(self, loop: EventLoop, log: Log, path: Path, *, rate: int) -> None:
        self._loop, self._log, self._path, self._rate = loop, log, path, rate
        self._services: dict[tuple[str, str, str, int], Service] = {}

    def configure(self) -> None:
        """Read the file; take up what is new, drop what is gone, keep the rest."""
        try:
            text = self._path.read_text("utf-8", "replace")
        except OSError as error:
            self._log.write(ERROR, f"{self._path}: {error.strerror}")
            return
        parsed = parse(text, rate=self._rate)
        for complaint in parsed.complaints:
            self._log.write(ERROR, complaint)
        wanted = {entry.key: entry for entry in parsed.entries}
        for key in self._services.keys() - wanted.keys():
            self._close(self._services.pop(key))
        for key, entry in wanted.items():
            self._take_up(self._services.setdefault(key, Service(entry)), entry)
        child.warm_up(sorted({entry.program for entry in parsed.entries}))

    def reap(self) -> None:
        """A child has ended: a waiting service gets its socket back."""
        ended = {exit.pid for exit in processes.reap()}
        for service in self._services.values():
            if service.busy in ended:
                service.busy = 0
                self._watch(service)

    def _take_up(self, service: Service, entry: Entry) -> None:
        service.entry = entry
        if service.listener is None:
            self._open(service)

    def _open(self, service: Service) -> None:
        entry = service.entry
        try:
            service.listener = listening.listen(entry.kind, entry.address, entry.port)
        except OSError as error:
            if not entry.ipv6:  # a host without IPv6 is no reason to complain
                name = f"{entry.service}/{entry.protocol}"
                self._log.write(ERROR, f"{name}: bind: {error.strerror}")
            return
        self._watch(service)

    def _watch(self, service: Service) -> None:
        if service.listener is not None:
            fd = service.listener.fileno()
            self._loop.add_reader(fd, lambda: HANDLERS[self._kind(service)](self, service))

    def _unwatch(self, service: Service) -> None:
        if service.listener is not None:
            self._loop.remove_reader(service.listener.fileno())

    def _close(self, service: Service) -> None:
        self._unwatch(service)
        if service.listener is not None:
            service.listener.close()
        service.listener = None

    @staticmethod
    def _kind(service: Service) -> tuple[str, bool]:
        entry = service.entry
        internal = entry.program == "internal"
        return ("internal" if internal else "wait" if entry.wait else "nowait"), (
            entry.kind == "stream"
        )

    def serve_client(self, service: Service) -> None:
        assert service.listener is not None
        connection = listening.accept(service.listener)
        if connection is None:
            return
        with connection:
            if not self._loops(service):
                self._start(service.entry, connection.fileno())

    def serve_internally(self, service: Service) -> None:
        assert service.listener is not None
        connection = listening.accept(service.listener)
        if connection is None:
            return
        with connection:
            if self._loops(service):
                return
            if service.entry.service in builtin.STREAMS:
                builtin.fork_stream(service.entry.service, connection.fileno(), self._log)

    def answer_datagram(self, service: Service) -> None:
        assert service.listener is not None
        try:
            data, sender = service.listener.recvfrom(65536)
        except OSError:
            return
        answer = builtin.DATAGRAMS[service.entry.service](data)
        if answer is not None:
            service.listener.sendto(answer, sender)

    def hand_over(self, service: Service) -> None:
        """The child takes the socket itself, and we look away until it ends."""
        assert service.listener is not None
        if self._loops(service):
            return
        self._unwatch(service)
        service.busy = self._start(service.entry, service.listener.fileno())

    def _start(self, entry: Entry, descriptor: int) -> int:
        command = child.Command(entry.program, entry.arguments, entry.user, entry.group)
        return child.start(command, descriptor, self._log)

    def _loops(self, service: Service) -> bool:
        """inetd(8) -R: a service that is asked for too often is off for ten minutes."""
        now = clock.monotonic()
        if now - service.since > INTERVAL:
            service.since, service.started = now, 0
        service.started += 1
        entry = service.entry
        if entry.rate == 0 or service.started <= entry.rate:
            return False
        name = f"{entry.service}/{entry.protocol}"
        self._log.write(ERROR, f"{name} server failing (looping), service terminated")
        self._close(service)
        service.started = 0
        self._loop.call_later(RETRY, lambda: self._take_up(service, service.entry))
        return True


# What to do with a socket that has something, by kind of service and whether it is a stream.
HANDLERS: Final[Mapping[tuple[str, bool], Callable[[Server, Service], None]]] = {
    ("nowait", True): Server.serve_client,
    ("nowait", False): Server.hand_over,
    ("wait", True): Server.hand_over,
    ("wait", False): Server.hand_over,
    ("internal", True): Server.serve_internally,
    ("internal", False): Server.answer_datagram,
}
