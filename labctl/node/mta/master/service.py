"""One service in the hands of master: its sockets, its children, and when to start another.

STATES
    A service with an idle child leaves its sockets to the child.  Without one master watches
    them, and starts a child when a client knocks, up to the process limit.  A service whose
    child failed before it served anybody is throttled: nothing is started for a while.

GENERATIONS
    A reload closes the status pipe and opens another one.  Idle children see that and end,
    busy ones end after their client; neither counts as available any more.
"""

from __future__ import annotations

import math
import os
import socket
from dataclasses import dataclass, field
from typing import Final

from labctl.node.mta.lib.config.master_cf import Service
from labctl.node.mta.lib.daemon.server import STATUS_SIZE, parse_status

STRESS_SECONDS: Final = 1000.0  # as master(8) has it


@dataclass(slots=True)
class Child:
    """One process of a service."""

    pid: int
    generation: int
    available: bool = True
    used: bool = False  # it has said that it finished something


@dataclass(slots=True)
class Running:
    """The state of one service."""

    service: Service
    listeners: list[socket.socket]
    limit: int  # 0: none
    children: dict[int, Child] = field(default_factory=dict)
    pipe: tuple[int, int] = (-1, -1)
    generation: int = 0
    throttled: bool = False
    used: bool = False  # it had a child at some time
    watched: bool = False  # master waits for clients on its sockets
    warned_at: float = -math.inf  # when its process limit was last complained about
    stressed_at: float = -math.inf  # when all its processes were last busy

    @property
    def name(self) -> tuple[str, str]:
        return self.service.name, self.service.type

    def under_stress(self, now: float) -> Service:
        """The service as its next child gets it: postconf(5) stress, some time after a rush."""
        if now - self.stressed_at > STRESS_SECONDS:
            return self.service
        return self.service._replace(overrides={**self.service.overrides, "stress": "yes"})

    @property
    def is_full(self) -> bool:
        return 0 < self.limit <= len(self.children)

    @property
    def has_idle_child(self) -> bool:
        return any(self._counts(child) for child in self.children.values())

    @property
    def wants_clients(self) -> bool:
        """Whether master should watch the sockets."""
        # Without sockets it has been removed from master.cf; its last children may still end.
        return bool(self.listeners) and not (
            self.throttled or self.is_full or self.has_idle_child
        )

    def open_pipe(self) -> None:
        """A new generation of children begins."""
        self.close_pipe()
        self.generation += 1
        self.pipe = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        # The children's end blocks: a change of state must never be lost.
        os.set_blocking(self.pipe[1], True)

    def close_pipe(self) -> None:
        for descriptor in self.pipe:
            if descriptor >= 0:
                os.close(descriptor)
        self.pipe = (-1, -1)

    def close_listeners(self) -> None:
        for listener in self.listeners:
            listener.close()
        self.listeners = []

    def adopt(self, pid: int) -> None:
        self.children[pid] = Child(pid, self.generation)
        self.used = True

    def read_status(self) -> None:
        """Take in what children have said since the last time."""
        if self.pipe[0] < 0:
            return
        try:
            data = os.read(self.pipe[0], STATUS_SIZE * RECORDS)
        except BlockingIOError:
            return
        for start in range(0, len(data), STATUS_SIZE):
            pid, _generation, available = parse_status(data[start : start + STATUS_SIZE])
            if child := self.children.get(pid):
                child.available = available
                child.used = child.used or available

    def _counts(self, child: Child) -> bool:
        return child.available and child.generation == self.generation


# A pipe write of at most PIPE_BUF bytes is never torn, and so is a read of whole records.
RECORDS: Final = 512
