"""Wake services up regularly, as the sixth column of master.cf wants it.

"1000?" means that a service which nobody has used yet is left alone: waking it would start it.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Final

from labctl.node.base.events import EventLoop, Timer
from labctl.node.mta.master.service import Running

WAKE_UP: Final = b"W"


class WakeUps:
    """Who is to be woken, and when: the wakeup column of master.cf(5)."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._timers: dict[tuple[str, str], Timer] = {}

    def begin(self, running: Running) -> None:
        """Wake the service up now, and from now on."""
        self.end(running)
        service = running.service
        if service.wakeup and not (service.wakeup_if_used and not running.used):
            self._wake(running)

    def first_use(self, running: Running) -> None:
        """The service has got its first process."""
        service = running.service
        if service.wakeup and service.wakeup_if_used and running.name not in self._timers:
            self._later(running)

    def end(self, running: Running) -> None:
        if timer := self._timers.pop(running.name, None):
            timer.cancel()

    def _wake(self, running: Running) -> None:
        for listener in running.listeners:
            trigger(listener)
        self._later(running)

    def _later(self, running: Running) -> None:
        delay = running.service.wakeup
        self._timers[running.name] = self._loop.call_later(delay, lambda: self._wake(running))


def trigger(listener: socket.socket) -> None:
    """Leave one byte with whoever accepts next; master itself never waits for anybody."""
    client = socket.socket(listener.family, listener.type)
    with client, contextlib.suppress(OSError):
        client.setblocking(False)
        client.connect(listener.getsockname())
        client.send(WAKE_UP)
