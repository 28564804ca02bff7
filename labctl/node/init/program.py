"""init: the first process of a node; it loads all programs once, and forks them.

INPUT AND OUTPUT
    ``init`` runs the table /etc/inittab.  On standard output, one line each: ``ready``,
    ``service NAME ready SECONDS``, ``service NAME failed: reason``, ``exit NAME status N``.
    ``init reload NAME...`` lets services read their files again; ``init`` is a name too.
    ``init clock SECONDS`` moves the clock of the node.

SIGNALS
    HUP: read the table again.  TERM, INT: stop the services in reverse order, and end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base import clock, files, processes, programs
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.init import control, inittab, machine
from labctl.node.init.services import Services

INITTAB: Final = "/etc/inittab"
FORKED_BY: Final[Mapping[str, Iterable[str]]] = {
    "master": programs.DAEMONS,
    "inetd": ("imapd", "ipop3d"),
    "xinetd": ("imapd", "ipop3d"),
}


def preload(names: Iterable[str] = (*programs.PROGRAMS, *programs.DAEMONS)) -> None:
    """Import programs of a node; one that cannot be imported must not stop the others."""
    for name in names:
        try:
            programs.warm(name)
        except programs.UnknownProgram:
            continue
        except Exception as error:  # ours, and not init's
            say(f"log: {name}: cannot load: {type(error).__name__}: {error}")
    processes.freeze()


def main(argv: Sequence[str]) -> int:
    """Be init, or ask the one that is."""
    if len(argv) > 1:
        return control.ask(argv[1:])
    processes.set_title("init")
    init = Init()
    # The supervisor of a native lab has loaded all programs, for all its nodes.
    if not processes.is_warm():
        preload(started_by(init.table()))
    machine.prepare()
    return init.run()


def started_by(table: Iterable[inittab.Entry]) -> Iterator[str]:
    """Name the programs of a table, and those that super-servers among them will fork."""
    for entry in table:
        name = os.path.basename(entry.argv[0])
        if name in programs.PROGRAMS:
            yield name
        yield from FORKED_BY.get(name, ())


def say(line: str) -> None:
    """One line for the engine, at once."""
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


class Init:
    """The first process of a node."""

    def __init__(self) -> None:
        self.loop = EventLoop()
        self.services = Services(self.loop, self._say, Log("init", facility="daemon"))
        self._said_ready = False

    def run(self) -> int:
        """Until somebody stops us."""
        self.loop.on_signal(signal.SIGCHLD, self.services.bury)
        self.loop.on_signal(signal.SIGHUP, self.reload)
        self.loop.on_signal(signal.SIGTERM, self.stop)
        self.loop.on_signal(signal.SIGINT, self.stop)
        control.listen(self.loop, self.obey)
        self.services.start(self.table())
        self._tell_if_ready()
        self.loop.run()
        return 0

    def reload(self) -> None:
        self.services.change(self.table())
        self._tell_if_ready()

    def stop(self) -> None:
        self.services.stop()
        self.loop.stop()

    def obey(self, words: Sequence[str]) -> str:
        """A request from the control socket; "" or what is wrong."""
        command = REQUESTS.get(words[0]) if words else None
        return command(self, words[1:]) if command else "usage: init reload NAME... | clock N"

    def reload_services(self, names: Sequence[str]) -> str:
        wrong = []
        for name in names:
            if name == "init":
                self.reload()
            elif reason := self.services.reload(name):
                wrong.append(f"{name}: {reason}")
        return "; ".join(wrong)

    def move_clock(self, words: Sequence[str]) -> str:
        try:
            clock.advance(float(words[0]))
        except (IndexError, ValueError):
            return "clock: how many seconds?"
        # Everybody who sleeps in an event loop looks at the clock again.
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGCONT)
        return ""

    def table(self) -> list[inittab.Entry]:
        try:
            return inittab.parse(files.read_if_there(INITTAB) or "")
        except inittab.BadInittab as error:
            say(f"service init failed: {error}")
            return []

    def _say(self, line: str) -> None:
        say(line)
        self._tell_if_ready()

    def _tell_if_ready(self) -> None:
        if not self._said_ready and self.services.all_ready:
            self._said_ready = True
            say("ready")


REQUESTS: Final[Mapping[str, Callable[[Init, Sequence[str]], str]]] = {
    "reload": Init.reload_services,
    "clock": Init.move_clock,
}
