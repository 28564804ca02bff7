"""Start a child when a client knocks and nobody is idle; bury it; do not start what fails.

STATES OF A SERVICE
    watched --client--> started a child --busy--> watched ... --limit--> left alone
    any --child fails by itself before it served anybody--> throttled
    throttled --service_throttle_time--> watched
"""

from __future__ import annotations

import os
import signal
from typing import Final

from labctl.node.base import clock, processes
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.base.processes import Exit
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.master_cf import Service
from labctl.node.mta.master import child, listeners
from labctl.node.mta.master.service import Running
from labctl.node.mta.master.wakeups import WakeUps

COMPLAIN_AGAIN: Final = 1000.0  # seconds between warnings about one service's process limit


class Children:
    """The processes of all services, and the watch over the sockets of each."""

    def __init__(self, loop: EventLoop, log: Log, config: Config, wakeups: WakeUps) -> None:
        self._loop, self._log, self._wakeups = loop, log, wakeups
        self.use(config)
        self._owner: dict[int, Running] = {}
        self.stopping = False

    def use(self, config: Config) -> None:
        """What the next children get."""
        self.config, self._stamp = config, child.stamp(config)

    def begin(self, running: Running) -> None:
        """A new service, or a new generation of one."""
        if running.pipe[0] >= 0:
            self._loop.remove_reader(running.pipe[0])
        running.open_pipe()
        self._loop.add_reader(running.pipe[0], lambda: self._listen_to_children(running))
        self.watch(running)

    def end(self, running: Running) -> None:
        """Leave the service alone; its children see that nobody reads their pipe any more."""
        self._unwatch(running)
        if running.pipe[0] >= 0:
            self._loop.remove_reader(running.pipe[0])
        running.close_pipe()

    def watch(self, running: Running) -> None:
        """Watch the sockets if, and only if, no child does."""
        if self.stopping or not running.wants_clients:
            self._unwatch(running)
        elif not running.watched:
            running.watched = True
            for listener in running.listeners:
                self._loop.add_reader(listener.fileno(), lambda: self._start(running))

    def bury(self) -> None:
        """Take note of the children that have ended."""
        for exit_ in processes.reap():
            if running := self._owner.pop(exit_.pid, None):
                self._bury(exit_, running)

    def signal(self, number: int) -> None:
        """Send a signal to every child that there is."""
        for pid in self._owner:
            os.kill(pid, number)

    @property
    def any_left(self) -> bool:
        return bool(self._owner)

    def _listen_to_children(self, running: Running) -> None:
        running.read_status()
        self.watch(running)
        if running.is_full and not running.has_idle_child:
            self._note_stress(running)

    def _start(self, running: Running) -> None:
        # Several sockets of one service may have become ready in the same round.
        if not running.wants_clients:
            return
        service = running.under_stress(clock.monotonic())
        birth = child.Birth(
            service,
            self.config,
            self._stamp,
            running.listeners,
            self._log,
            running.pipe[1],
            running.generation,
        )
        keep = [running.pipe[1], *(listener.fileno() for listener in running.listeners)]
        try:
            pid = processes.fork_program(
                lambda: child.live(birth),
                title=child.title(service),
                log=self._log.named(service.command),
                keep=keep,
            )
        except OSError as error:  # no memory, or too many processes: not for ever
            self._log.warning(f"fork: {error.strerror} -- throttling")
            self._throttle(running)
            return
        running.adopt(pid)
        self._owner[pid] = running
        self.watch(running)
        self._wakeups.first_use(running)

    def _bury(self, exit_: Exit, running: Running) -> None:
        # What it said before it died may still be in the pipe.
        running.read_status()
        buried = running.children.pop(exit_.pid)
        if not self.stopping:
            failed = bool(exit_.status or exit_.signal)
            if (failed or buried.generation != running.generation) and not running.children:
                # It may have taken a wake-up with it: of the new generation, or of mail that
                # would lie in the queue until the next one.
                self._wakeups.begin(running)
            if failed:
                self._complain_of_end(exit_, running)
                # Whom somebody has killed did not fail by itself; who follows may work.
                by_itself = exit_.signal != signal.SIGKILL
                if by_itself and not buried.used and not running.throttled:
                    self._say_that_it_failed(running)
            self.watch(running)

    def _complain_of_end(self, exit_: Exit, running: Running) -> None:
        how = (
            f"killed by signal {exit_.signal}"
            if exit_.signal
            else f"exit status {exit_.status}"
        )
        self._log.warning(f"process {self._path(running.service)} pid {exit_.pid} {how}")

    def _say_that_it_failed(self, running: Running) -> None:
        self._log.warning(f"{self._path(running.service)}: bad command startup -- throttling")
        self._throttle(running)

    def _throttle(self, running: Running) -> None:
        running.throttled = True
        self._unwatch(running)
        delay = self.config.seconds("service_throttle_time")
        self._loop.call_later(delay, lambda: self._try_again(running))

    def _try_again(self, running: Running) -> None:
        running.throttled = False
        if running.listeners:
            self.watch(running)

    def _note_stress(self, running: Running) -> None:
        """postconf(5) stress: for services that strangers reach, of more than one process.

        Who calls a local one is of this machine, and waits for its turn by design: qmgr for an
        agent, a filter for its smtpd on 127.0.0.1.
        """
        now = clock.monotonic()
        if running.limit == 1 or listeners.is_local(running.service, running.listeners):
            return
        running.stressed_at = now
        if now - running.warned_at >= COMPLAIN_AGAIN:
            running.warned_at = now
            self._complain_of_limit(running)

    def _complain_of_limit(self, running: Running) -> None:
        for text in LIMIT_REACHED:
            name, place = running.service.name, listeners.address(running.service)
            self._log.warning(text.format(name=name, place=place, limit=running.limit))

    def _path(self, service: Service) -> str:
        return os.path.join(self.config.text("daemon_directory"), service.command)

    def _unwatch(self, running: Running) -> None:
        if running.watched:
            running.watched = False
            for listener in running.listeners:
                self._loop.remove_reader(listener.fileno())


LIMIT_REACHED: Final = (
    'service "{name}" ({place}) has reached its process limit "{limit}": '
    "new clients may experience noticeable delays",
    "to avoid this condition, increase the process count in master.cf "
    "or reduce the service time per client",
    "see http://www.postfix.org/STRESS_README.html for examples of "
    "stress-adapting configuration settings",
)
