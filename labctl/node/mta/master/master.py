"""The event loop of the mail system: one loop repairs what is against what should be.

STATES
    start() opens every socket, and only then the mail system counts as started.  reload()
    reads both files again: sockets of services that stay are kept, so that no client is
    turned away.  stop() ends all children, and then master.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from typing import Final

from labctl.node.base import clock, files, processes, programs
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.mta.lib.config import master_cf
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.master_cf import Service
from labctl.node.mta.master import listeners
from labctl.node.mta.master.children import Children
from labctl.node.mta.master.service import Running
from labctl.node.mta.master.wakeups import WakeUps

PATIENCE: Final = 2.0  # seconds that children have to end, when master ends


class Master:
    """The services of master.cf(5), while the mail system runs."""

    def __init__(self, config: Config, log: Log) -> None:
        self.config, self.log = config, log
        self.loop = EventLoop()
        self.services: dict[tuple[str, str], Running] = {}
        self.wakeups = WakeUps(self.loop)
        self.children = Children(self.loop, log, config, self.wakeups)

    def start(self) -> None:
        """Open the sockets of all services: from here on clients, and signals, may come."""
        self.loop.on_signal(signal.SIGCHLD, self.children.bury)
        self.loop.on_signal(signal.SIGHUP, self.reload)
        self.loop.on_signal(signal.SIGTERM, self.stop)
        for service in enabled(self._read_master_cf(), self.config):
            self._add(service)
        self.log.info(self._announcement("daemon started"))

    def preload(self) -> None:
        """Import every daemon of the table once, so that its children share it."""
        if processes.is_warm():
            return
        for command in sorted({running.service.command for running in self.services.values()}):
            if command in programs.DAEMONS:
                preload(command, self.log)
        processes.freeze()

    def run(self) -> None:
        """Serve until SIGTERM."""
        for running in self.services.values():
            self._begin(running)
        self.loop.run()

    def reload(self) -> None:
        """Read both files again, and let a new generation of children begin."""
        self.config = Config.read(self.config.directory)
        self.children.use(self.config)
        # The file may have been moved away by who rotates logs.
        self.log.sink.close()
        self.log.info(self._announcement("reload"))
        wanted = {(each.name, each.type): each for each in self._read_master_cf()}
        for name in self.services.keys() - wanted.keys():
            self._remove(self.services.pop(name))
        for service in enabled(wanted.values(), self.config):
            self._refresh(service)

    def stop(self) -> None:
        """End all children, and then the loop."""
        self.log.info("terminating on signal 15")
        self.children.stopping = True
        for running in self.services.values():
            self._remove(running)
        self.children.signal(signal.SIGTERM)
        deadline = clock.monotonic() + PATIENCE
        while self.children.any_left and (left := deadline - clock.monotonic()) > 0:
            self.loop.run_once(left)
        self.children.signal(signal.SIGKILL)
        self.loop.stop()

    def _read_master_cf(self) -> list[Service]:
        path = f"{self.config.directory}/master.cf"
        for service in duplicates(path):
            name = service.name if service.type == "inet" else listeners.shown(service)
            self.log.warning(
                f'duplicate master.cf entry for service "{service.name}" ({name}) '
                "-- using the last entry"
            )
        return master_cf.read(path)

    def _add(self, service: Service) -> Running:
        opened = listeners.open_listeners(service, self.config)
        running = Running(service, opened, self._limit(service))
        self.services[running.name] = running
        return running

    def _begin(self, running: Running) -> None:
        self.children.begin(running)
        self.wakeups.begin(running)

    def _refresh(self, service: Service) -> None:
        running = self.services.get((service.name, service.type))
        if running is not None and running.service.private != service.private:
            self._remove(running)
            running = None
        if running is None:
            running = self._add(service)
        running.service, running.limit = service, self._limit(service)
        self._begin(running)

    def _remove(self, running: Running) -> None:
        self.wakeups.end(running)
        self.children.end(running)
        running.close_listeners()
        if running.service.type != "inet":
            files.unlink_if_there(listeners.unix_path(running.service, self.config))

    def _limit(self, service: Service) -> int:
        limit = service.process_limit
        return self.config.number("default_process_limit") if limit is None else limit

    def _announcement(self, what: str) -> str:
        version = self.config.text("mail_version")
        return f"{what} -- version {version}, configuration {self.config.directory}"


def preload(command: str, log: Log) -> None:
    """A daemon that is not there yet fails when it is asked for, not before."""
    try:
        programs.warm(command)
    except programs.UnknownProgram:
        return
    except Exception as error:  # ours: the other services shall run all the same
        log.error(f"{command}: cannot load: {type(error).__name__}: {error}")


def duplicates(path: str) -> Iterator[Service]:
    """Services whose name and type another line above has already."""
    seen = set()
    for line in master_cf.read_lines(path):
        service = master_cf.parse(line.text, f"{path}: line {line.last}", line.first)
        if (service.name, service.type) in seen:
            yield service
        seen.add((service.name, service.type))


def enabled(services: Iterable[Service], config: Config) -> list[Service]:
    """postconf(5) master_service_disable: names like "smtp.inet", or a type for all of it."""
    disabled = config.words("master_service_disable")
    return [
        each
        for each in services
        if f"{each.name}.{each.type}" not in disabled and each.type not in disabled
    ]


def become_leader() -> None:
    """A process group of our own: `postfix stop` by force ends what children have started."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
