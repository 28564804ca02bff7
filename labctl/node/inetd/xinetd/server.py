"""The super-server xinetd: each client is judged before a child is started for it.

STATES OF A SERVICE
    watched --client--> a child, still watched
    watched --datagram (wait)--> a child has the socket --it ends--> watched
    watched --too many in a second (cps)--> off --pause--> watched
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from labctl.node.base import clock, processes
from labctl.node.base.events import EventLoop
from labctl.node.base.log import CRITICAL, ERROR, INFO, NOTICE, Log
from labctl.node.inetd import builtin, child, listening
from labctl.node.inetd.xinetd import children
from labctl.node.inetd.xinetd.config import Attributes, Parsed, parse, service_id
from labctl.node.inetd.xinetd.limits import refusal
from labctl.node.inetd.xinetd.log import ServiceLog
from labctl.node.inetd.xinetd.service import Client, Service
from labctl.node.inetd.xinetd.statements import read

VERSION: Final = "2.3.15.3"
COMPILED_IN: Final = "libwrap loadavg labeled-networking"
BIND_RETRIES: Final = 10
DUMP: Final = "/var/run/xinetd.dump"
# These are found out before a child is started, all other reasons by the child.
EARLY: Final = ("service_limit", "per_source_limit")


class Server:
    """The services of xinetd.conf(5), and the children that serve."""

    def __init__(self, loop: EventLoop, log: Log, path: Path) -> None:
        self._loop, self._log, self._path = loop, log, path
        self._services: dict[str, Service] = {}
        self._banned: dict[str, float] = {}  # address -> until when; what a SENSOR has seen

    def configure(self) -> bool:
        """Read the files; whether there is anything to serve."""
        parsed = self._parsed()
        self._log.write(NOTICE, f"{VERSION} started with {COMPILED_IN} options compiled in.")
        if parsed is None:
            return False
        for name, attributes in parsed.services:
            key = service_id(name, attributes)
            self._services[key] = Service(name, attributes, self._service_log(key, attributes))
        # Before the sockets: whoever can connect finds us at work.
        self._warm_up()
        for service in self._services.values():
            self._open(service)
        self._services = {k: s for k, s in self._services.items() if s.listener is not None}
        if not self._services:
            text = f"{os.getpid()} {{init_services}} no services. Exiting..."
            self._log.write(CRITICAL, text)
            return False
        count = len(self._services)
        self._log.write(NOTICE, f"Started working: {count} available {_services(count)}")
        return True

    def reconfigure(self) -> None:
        """SIGHUP: services that stay keep their clients and their sockets."""
        self._log.write(NOTICE, "Starting reconfiguration")
        parsed = self._parsed()
        if parsed is None:
            return
        self._log.write(NOTICE, "Swapping defaults")
        wanted = {service_id(name, given): (name, given) for name, given in parsed.services}
        dropped = [key for key in self._services if key not in wanted]
        for key in dropped:
            self._close(self._services.pop(key))
            self._log.write(NOTICE, f"service {key} deactivated")
        new = [key for key in wanted if key not in self._services]
        for key, (name, attributes) in wanted.items():
            self._take_up(key, name, attributes)
        self._warm_up()
        numbers = f"new={len(new)} old={len(wanted) - len(new)} dropped={len(dropped)}"
        self._log.write(NOTICE, f"Reconfigured: {numbers} (services)")

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
        Path(DUMP).write_text("".join(lines))
        self._log.write(INFO, f"generated state dump in file {DUMP}")

    # ------------------------------------------------------------ configuration

    def _parsed(self) -> Parsed | None:
        try:
            text = self._path.read_text("utf-8", "replace")
        except OSError as error:
            self._log.write(ERROR, f"Unable to open {self._path}: {error.strerror}")
            return None
        parsed = parse(read(str(self._path), text, _included))
        for severity, complaint in parsed.complaints:
            self._log.write(severity, complaint)
        return None if parsed.fatal else parsed

    def _service_log(self, key: str, attributes: Attributes) -> ServiceLog:
        return ServiceLog(key, attributes, self._log)

    def _take_up(self, key: str, name: str, attributes: Attributes) -> None:
        service = self._services.get(key)
        if service is None:
            service = Service(name, attributes, self._service_log(key, attributes))
            self._services[key] = service
        else:
            self._log.write(NOTICE, f"readjusting service {key}")
            service.reconfigure(attributes, self._service_log(key, attributes))
        if service.listener is None:
            self._open(service)

    def _warm_up(self) -> None:
        child.warm_up(sorted({service.word("server") for service in self._services.values()}))

    # ------------------------------------------------------------ sockets

    def _open(self, service: Service) -> None:
        for attempt in range(BIND_RETRIES + 1):
            try:
                service.listen()
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                number = f" (errno = {error.errno})" if isinstance(error, OSError) else ""
                text = f"bind failed ({reason}{number}). service = {service.id}"
                self._log.write(ERROR, text)
            else:
                self._watch(service)
                return
            if attempt < BIND_RETRIES:
                self._log.write(NOTICE, f"bind retry attempt {attempt + 1}")
        self._log.write(ERROR, f"Service {service.id} failed to start and is deactivated.")

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
        if not service.is_stream and service.internal:
            self._answer_datagram(service)
        elif not service.is_stream or service.waits:
            self._loop.remove_reader(service.listener.fileno())
            self._serve_with(
                service, "", children.start(service, service.listener.fileno(), "", self._log)
            )
        else:
            connection = listening.accept(service.listener)
            if connection is not None:
                with connection:
                    self._serve_client(service, connection)

    def _answer_datagram(self, service: Service) -> None:
        assert service.listener is not None
        data, sender = service.listener.recvfrom(65536)
        service.log.start(os.getpid(), str(sender[0]))
        for answer in builtin.datagram_answers(service.name, data):
            service.listener.sendto(answer, sender)

    def _serve_client(self, service: Service, connection: socket.socket) -> None:
        address = str(connection.getpeername()[0])
        if service.too_fast(clock.monotonic()):
            service.log.fail("connections per second", address)
            self._pause(service)
            return
        reason = self._refusal(service, address)
        if reason in EARLY:
            service.log.fail(reason, address)
            children.show_banner(service, connection, "banner_fail")
        elif "SENSOR" in service.words("flags"):
            self._sense(service, address)
        elif reason:
            pid = children.refuse(service, connection, reason, self._log)
            self._serve_with(service, address, pid)
        elif service.internal and service.name in builtin.INSTANT:
            service.log.start(os.getpid(), address)
            connection.sendall(builtin.INSTANT[service.name]())
        else:
            children.show_banner(service, connection, "banner_success")
            pid = children.start(service, connection.fileno(), address, self._log)
            self._serve_with(service, address, pid)

    def _serve_with(self, service: Service, address: str, pid: int) -> None:
        service.clients[pid] = Client(address, clock.monotonic())
        service.log.start(pid, address)

    def _refusal(self, service: Service, address: str) -> str:
        if self._banned.get(address, 0.0) > clock.monotonic():
            return "address"
        now = time.localtime(clock.now())
        minute = now.tm_hour * 60 + now.tm_min
        return refusal(service.limits, address, service.running, minute)

    def _sense(self, service: Service, address: str) -> None:
        """xinetd.conf(5) SENSOR: who touches this is kept away from everything."""
        minutes = service.word("deny_time", "NEVER")
        if minutes != "NEVER":
            forever = minutes == "FOREVER"
            shown = -1 if forever else int(minutes)
            until = float("inf") if forever else clock.monotonic() + 60 * int(minutes)
            self._banned[address] = until
            text = f"Adding {address} to the global_no_access list for {shown} minutes"
            self._log.write(CRITICAL, f"{os.getpid()} {{process_sensor}} {text}")
        service.log.fail("address", address)

    def _pause(self, service: Service) -> None:
        """xinetd.conf(5) cps: too many in a second, and the service is off for some."""
        pause = service.limits.cps_pause
        self._log.write(
            ERROR,
            f"Deactivating service {service.id} due to excessive incoming connections.  "
            f"Restarting in {pause} seconds.",
        )
        self._close(service)
        self._loop.call_later(pause, lambda: self._reactivate(service))

    def _reactivate(self, service: Service) -> None:
        if service in self._services.values() and service.listener is None:
            self._log.write(ERROR, f"Activating service {service.id}")
            self._open(service)


def _services(count: int) -> str:
    return "service" if count == 1 else "services"


def _included(path: str) -> Iterable[tuple[str, str]]:
    place = Path(path)
    # xinetd.conf(5): names with a dot or a tilde are the leavings of editors and packagers.
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    for file in files:
        if place.is_dir() and ({".", "~"} & set(file.name) or not file.is_file()):
            continue
        yield str(file), file.read_text("utf-8", "replace")
