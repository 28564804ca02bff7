"""The services of a node: started in order, kept alive, stopped in reverse order.

STATES OF A SERVICE
    waiting its turn -> running -> ready
                          +--failed--> a pause --> running
                          +--ended with status 0, as somebody wished--> stopped
    "wait" entries end, and only then the next one starts.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock, processes, programs
from labctl.node.base.events import EventLoop, Timer
from labctl.node.base.log import Log
from labctl.node.base.processes import Exit
from labctl.node.init.inittab import Action, Entry
from labctl.node.init.readiness import Watch

BECOME_READY: Final = 15.0  # seconds
END: Final = 3.0
QUICK: Final = 1.0  # who lived shorter has to wait before it lives again
LONGEST_PAUSE: Final = 30.0
CANNOT_RUN: Final = 127  # as a shell has it

# How to reach a service that was started by hand.
BY_HAND: Final[Mapping[str, tuple[str, ...]]] = {"master": ("postfix", "reload")}

Say = Callable[[str], None]


@dataclass(slots=True)
class Service:
    """One line of inittab, and the process that runs for it."""

    entry: Entry
    pid: int = 0
    began: float = 0.0
    pause: float = QUICK
    watches: list[Watch] = field(default_factory=list)
    unanswered: int = 0
    ready: bool = False
    failed: bool = False
    timer: Timer | None = None


class Services:
    """All of them; ``say`` tells the engine what happens."""

    def __init__(self, loop: EventLoop, say: Say, log: Log) -> None:
        self._loop, self._say, self._log = loop, say, log
        self._services: dict[str, Service] = {}
        self._stopping = False

    def start(self, entries: Sequence[Entry]) -> None:
        """Start those that are not there yet, in order."""
        new = [Service(entry) for entry in entries if entry.name not in self._services]
        # All of them are known before the first one starts: ready means that all are.
        self._services.update((service.entry.name, service) for service in new)
        for service in new:
            self._start(service)

    def change(self, entries: Sequence[Entry]) -> None:
        """Follow a new table: stop what is gone or different, start what is new."""
        wanted = {entry.name: entry for entry in entries}
        for name, service in list(self._services.items()):
            if wanted.get(name) != service.entry:
                self._stop(service)
                del self._services[name]
        self.start(entries)

    def reload(self, name: str) -> str:
        """Let one service read its files again; "" or what is wrong."""
        service = self._services.get(name)
        if service is None:
            return f"no service is called {name!r}"
        if service.entry.action is Action.WAIT:
            self._start(service)
            return "failed" if service.failed else ""
        if service.pid:
            os.kill(service.pid, signal.SIGHUP)
        elif command := BY_HAND.get(service.entry.argv[0]):
            # Somebody has stopped ours, and may have started another one.
            self._fork(service.entry._replace(argv=command))
        return ""

    def stop(self) -> None:
        """Stop everything, the last one first."""
        self._stopping = True
        for service in reversed(self._services.values()):
            self._stop(service)

    def bury(self) -> None:
        """Take note of what has ended; orphans of the whole node come here too."""
        by_pid = {each.pid: each for each in self._services.values() if each.pid}
        for exit_ in processes.reap():
            if service := by_pid.get(exit_.pid):
                self._ended(service, exit_)

    @property
    def all_ready(self) -> bool:
        return all(service.ready for service in self._services.values())

    def _start(self, service: Service) -> None:
        entry = service.entry
        service.began, service.ready, service.failed = clock.monotonic(), False, False
        service.pid = self._fork(entry)
        if entry.action is Action.WAIT:
            self._wait_while(lambda: bool(service.pid), BECOME_READY)
            return
        self._watch(service)
        # Who comes next wants to log: that socket is there in a moment.
        if any(probe.kind == "unix" for probe in entry.probes):
            self._wait_while(lambda: not (service.ready or service.failed), BECOME_READY)

    def _fork(self, entry: Entry) -> int:
        argv = list(entry.argv)
        name = os.path.basename(argv[0])

        def run() -> int:
            os.setsid()
            return run_program(name, argv)

        return processes.fork_program(run, title=" ".join(argv), log=self._log.named(name))

    def _watch(self, service: Service) -> None:
        service.unanswered = len(service.entry.probes)
        service.watches = [
            Watch(
                self._loop, probe, BECOME_READY, lambda reason: self._answered(service, reason)
            )
            for probe in service.entry.probes
        ]
        if not service.entry.probes:
            self._is_ready(service)

    def _answered(self, service: Service, reason: str) -> None:
        service.unanswered -= 1
        if reason:
            self._fail(service, reason)
        elif service.unanswered == 0 and not service.failed:
            self._is_ready(service)

    def _is_ready(self, service: Service) -> None:
        service.ready = True
        took = clock.monotonic() - service.began
        self._say(f"service {service.entry.name} ready {took:.2f}")

    def _fail(self, service: Service, reason: str) -> None:
        service.failed = True
        self._say(f"service {service.entry.name} failed: {reason}")

    def _ended(self, service: Service, exit_: Exit) -> None:
        service.pid = 0
        status = exit_.status or (128 + exit_.signal if exit_.signal else 0)
        if service.entry.action is Action.WAIT:
            if status:
                self._fail(service, f"exit status {status}")
            else:
                self._is_ready(service)
        elif not self._stopping:
            self._say(f"exit {service.entry.name} status {status}")
            # Status 0 is somebody's wish: `postfix stop` must not be undone behind his back.
            if status:
                self._respawn(service)

    def _respawn(self, service: Service) -> None:
        for watch in service.watches:
            watch.cancel()
        lived = clock.monotonic() - service.began
        service.pause = QUICK if lived > QUICK else min(service.pause * 2, LONGEST_PAUSE)
        delay = 0.0 if lived > QUICK else service.pause
        service.timer = self._loop.call_later(delay, lambda: self._start(service))

    def _stop(self, service: Service) -> None:
        for watch in service.watches:
            watch.cancel()
        if service.timer is not None:
            service.timer.cancel()
        if not service.pid:
            return
        pid, stopping = service.pid, self._stopping
        self._stopping = True
        os.kill(pid, signal.SIGTERM)
        if not self._wait_while(lambda: bool(service.pid), END):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self._stopping = stopping

    def _wait_while(self, condition: Callable[[], bool], patience: float) -> bool:
        """Let the loop run; False when the condition outlives our patience."""
        deadline = clock.monotonic() + patience
        while condition():
            left = deadline - clock.monotonic()
            if left <= 0:
                return False
            self._loop.run_once(left)
        return True


def run_program(name: str, argv: Sequence[str]) -> int:
    """Run a program of ours in this process; anything else is exec'd."""
    if name not in programs.PROGRAMS:
        try:
            os.execvp(argv[0], list(argv))
        except OSError as error:
            # On the console, where whoever reads that the service failed looks for the reason.
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
            return CANNOT_RUN
    status: int = programs.load(name).main([name, *argv[1:]])
    return status
