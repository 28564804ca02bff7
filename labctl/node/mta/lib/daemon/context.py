"""What master gives a daemon when it starts it: sockets, settings, limits, a way to report.

THE STATUS PIPE
    A child writes one record of eight bytes per change of state: its pid, the generation that
    it was born in, and whether it is available.  Writes of that size are never torn.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from labctl.node.base.log import Log
    from labctl.node.mta.lib.config.main_cf import Config

STATUS_SIZE: Final = 8


class Kind(Enum):
    """Service types of master(5)."""

    INET = "inet"
    UNIX = "unix"
    FIFO = "fifo"
    PASS = "pass"
    DATAGRAM = "unix-dgram"


class Limits(NamedTuple):
    """When a process has served enough, or waited long enough."""

    max_use: int = 100  # postconf(5) max_use: clients before the process ends; 0 is no limit
    max_idle: float = 100.0  # postconf(5) max_idle
    ipc_timeout: float = 3600.0  # postconf(5) ipc_timeout


@dataclass(slots=True)
class Status:
    """The child's end of the pipe to master: one record of eight bytes per change."""

    descriptor: int = -1
    generation: int = 0
    abandoned: bool = False  # master has gone, or has begun a new generation

    def busy(self) -> None:
        self._tell(0)

    def idle(self) -> None:
        self._tell(1)

    def _tell(self, available: int) -> None:
        if self.descriptor < 0:
            return
        record = status_record(os.getpid(), self.generation, available)
        try:
            os.write(self.descriptor, record)
        except BrokenPipeError:
            # The client that we have is served all the same; it is the last one.
            self.abandoned = True


def status_record(pid: int, generation: int, available: int) -> bytes:
    """What one change of state looks like in the pipe."""
    return pid.to_bytes(4, "little") + (generation << 1 | available).to_bytes(4, "little")


def parse_status(record: bytes) -> tuple[int, int, bool]:
    """(pid, generation, available) of one record."""
    state = int.from_bytes(record[4:8], "little")
    return int.from_bytes(record[:4], "little"), state >> 1, bool(state & 1)


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """All that a daemon knows when it starts."""

    program: str  # "smtpd": the command of master.cf
    service: str  # "submission": the name of the service, the -n argument
    kind: Kind  # the -t argument
    arguments: Sequence[str]  # what follows the command, without -o name=value
    config: Config  # with the -o overrides applied
    listeners: Sequence[socket.socket]  # non-blocking, shared with siblings and with master
    log: Log
    limits: Limits = field(default_factory=Limits)
    status: Status = field(default_factory=Status)
