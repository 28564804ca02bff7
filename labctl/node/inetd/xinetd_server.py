"""The super-server xinetd: each client is judged before a child is started for it."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from labctl.node.base import clock, processes, sockets
from labctl.node.base.events import EventLoop
from labctl.node.base.log import ERROR, INFO, NOTICE, Log
from labctl.node.inetd import builtin, child, listening, redirect
from labctl.node.inetd.xinetd_config import Attributes, parse
from labctl.node.inetd.xinetd_limits import Limits, limits_of, refusal
from labctl.node.inetd.xinetd_log import ServiceLog


@dataclass(slots=True)
class Client:
    """One that is being served."""

    address: str
    since: float


@dataclass(slots=True)
class Service:
    """One service with its listener and its clients."""

    name: str
    attributes: Attributes
    limits: Limits
    log: ServiceLog
    listener: socket.socket | None = None
    clients: dict[int, Client] = field(default_factory=dict)
    second: float = 0.0  # when the present second of cps began
    arrivals: int = 0

    def word(self, name: str, default: str = "") -> str:
        return (self.attributes.get(name) or [default])[0]

    @property
    def waits(self) -> bool:
        return self.word("wait") == "yes"

    @property
    def internal(self) -> bool:
        return "INTERNAL" in self.attributes.get("type", ())


class Server:
    """The services of xinetd.conf(5), and the children that serve."""

    def __init__(self, loop: EventLoop, log: Log, path: Path) -> None:
        self._loop, self._log, self._path = loop, log, path
        self._services: dict[str, Service] = {}

    def configure(self) -> None:
        """Read the files; services that stay keep their clients and their sockets."""
        try:
            parsed = parse(self._path.read_text("utf-8", "replace"), _included)
        except OSError as error:
            self._log.write(ERROR, f"Unable to open {self._path}: {error.strerror}")
            return
        for complaint in parsed.complaints:
            self._log.write(ERROR, complaint)
        wanted: dict[str, tuple[str, Attributes]] = {}
        for name, attributes in parsed.services:
            wanted[(attributes.get("id") or [name])[0]] = name, attributes
        dropped = self._services.keys() - wanted.keys()
        for key in dropped:
            self._close(self._services.pop(key))
        new = len(wanted.keys() - self._services.keys())
        for key, (name, attributes) in wanted.items():
            self._take_up(key, name, attributes)
        kept = len(wanted) - new
        if kept or dropped:
            text = f"Reconfigured: new={new} old={kept} dropped={len(dropped)} (services)"
        else:
            text = f"Started working: {new} available services"
        self._log.write(NOTICE, text)
        # After the line: clients are served from the moment that the sockets are there.
        child.warm_up(sorted({service.word("server") for service in self._services.values()}))

    def reap(self) -> None:
        """Children that have ended are logged, and make room for others."""
        for ended in processes.reap():
            for service in self._services.values():
                client = service.clients.pop(ended.pid, None)
                if client is not None:
                    seconds = int(clock.monotonic() - client.since)
                    service.log.exit(ended.pid, ended.status, ended.signal, seconds)
                    if service.waits:
                        self._watch(service)

    def dump(self) -> None:
        """SIGUSR1: the state for people to read."""
        lines = [
            f"{name}: {len(service.clients)} running, "
            f"{'listening' if service.listener else 'off'}\n"
            for name, service in self._services.items()
        ]
        Path("/run/xinetd.dump").write_text("".join(lines))

    # ------------------------------------------------------------ sockets

    def _take_up(self, key: str, name: str, attributes: Attributes) -> None:
        log = ServiceLog(key, attributes, self._log)
        service = self._services.get(key)
        if service is None:
            service = Service(name, attributes, limits_of(attributes), log)
            self._services[key] = service
        service.attributes, service.limits, service.log = attributes, limits_of(attributes), log
        if service.listener is None:
            self._open(service)

    def _open(self, service: Service) -> None:
        kind = service.word("socket_type", "stream")
        protocol = service.word("protocol", "udp" if kind == "dgram" else "tcp")
        try:
            port = sockets.port_number(service.word("port", service.name), protocol)
            service.listener = self._listen(service, kind, port)
        except (OSError, ValueError) as error:
            self._log.write(ERROR, f"{service.name}: {error}")
            return
        self._watch(service)

    @staticmethod
    def _listen(service: Service, kind: str, port: int) -> socket.socket:
        address = service.word("bind", service.word("interface"))
        if address:
            return listening.listen(kind, address, port)
        try:
            return listening.listen(kind, "::", port, dual=True)
        except OSError:
            return listening.listen(kind, "0.0.0.0", port)

    def _watch(self, service: Service) -> None:
        if service.listener is not None:
            self._loop.add_reader(service.listener.fileno(), lambda: self._serve(service))

    def _close(self, service: Service) -> None:
        if service.listener is not None:
            self._loop.remove_reader(service.listener.fileno())
            service.listener.close()
        service.listener = None

    # ------------------------------------------------------------ clients

    def _serve(self, service: Service) -> None:
        assert service.listener is not None
        if service.word("socket_type", "stream") != "stream" or service.waits:
            self._serve_waiting(service)
            return
        connection = listening.accept(service.listener)
        if connection is None:
            return
        with connection:
            address = _mapped(connection)
            if self._too_fast(service):
                service.log.fail("connections per second", address)
                return
            running = [client.address for client in service.clients.values()]
            now = time.localtime(clock.now())
            reason = refusal(service.limits, address, running, now.tm_hour * 60 + now.tm_min)
            _show_banner(service, connection, "banner_fail" if reason else "banner_success")
            if reason:
                service.log.fail(reason, address)
                return
            self._start(service, connection.fileno(), address)

    def _serve_waiting(self, service: Service) -> None:
        assert service.listener is not None
        if service.internal:
            data, sender = service.listener.recvfrom(65536)
            answer = builtin.DATAGRAMS[service.name](data)
            if answer is not None:
                service.listener.sendto(answer, sender)
            return
        self._loop.remove_reader(service.listener.fileno())
        self._start(service, service.listener.fileno(), "")

    def _start(self, service: Service, descriptor: int, address: str) -> None:
        if service.internal:
            pid = builtin.fork_stream(service.name, descriptor, self._log)
        elif "redirect" in service.attributes:
            host, port = service.attributes["redirect"][:2]
            pid = redirect.start(host, port, descriptor, self._log)
        else:
            path = service.word("server")
            arguments = (os.path.basename(path), *service.attributes.get("server_args", ()))
            user, group = service.word("user", "root"), service.word("group")
            command = child.Command(path, arguments, user, group)
            pid = child.start(command, descriptor, self._log, lambda: _prepare(service))
        service.clients[pid] = Client(address, clock.monotonic())
        service.log.start(pid, address)

    def _too_fast(self, service: Service) -> bool:
        """xinetd.conf(5) cps: too many in a second, and the service is off for some."""
        now = clock.monotonic()
        if now - service.second >= 1.0:
            service.second, service.arrivals = now, 0
        service.arrivals += 1
        if service.arrivals <= service.limits.cps:
            return False
        pause = service.limits.cps_pause
        self._log.write(
            ERROR,
            f"Deactivating service {service.name} due to excessive incoming connections.  "
            f"Restarting in {pause} seconds.",
        )
        self._close(service)
        self._loop.call_later(pause, lambda: self._reactivate(service))
        return True

    def _reactivate(self, service: Service) -> None:
        if service in self._services.values() and service.listener is None:
            self._log.write(INFO, f"Activating service {service.name}")
            self._open(service)


def _included(path: str) -> Iterable[str]:
    place = Path(path)
    # xinetd.conf(5): names with a dot or a tilde are the leavings of editors and packagers.
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    for file in files:
        if file.is_file() and not (place.is_dir() and {".", "~"} & set(file.name)):
            yield file.read_text("utf-8", "replace")


def _mapped(connection: socket.socket) -> str:
    address = str(connection.getpeername()[0])
    return address if ":" in address else f"::ffff:{address}"


def _show_banner(service: Service, connection: socket.socket, which: str) -> None:
    for name in ("banner", which):
        path = service.word(name)
        if path:
            with contextlib.suppress(OSError):
                connection.sendall(Path(path).read_bytes())


def _prepare(service: Service) -> None:
    """In the child: what xinetd.conf(5) lets a service change of its surroundings."""
    if "nice" in service.attributes:
        os.nice(int(service.word("nice")))
    if "umask" in service.attributes:
        os.umask(int(service.word("umask"), 8))
    for assignment in service.attributes.get("env", ()):
        name, _, value = assignment.partition("=")
        os.environ[name] = value
    for name, limit in RLIMITS.items():
        value = service.word(name)
        if value:
            amount = resource.RLIM_INFINITY if value == "UNLIMITED" else _amount(value)
            resource.setrlimit(limit, (amount, amount))


def _amount(text: str) -> int:
    factor = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:].upper(), 1)
    return int(text.rstrip("kKmM")) * factor


RLIMITS: Final = {
    "rlimit_as": resource.RLIMIT_AS,
    "rlimit_cpu": resource.RLIMIT_CPU,
    "rlimit_data": resource.RLIMIT_DATA,
    "rlimit_files": resource.RLIMIT_NOFILE,
    "rlimit_rss": resource.RLIMIT_RSS,
    "rlimit_stack": resource.RLIMIT_STACK,
}
