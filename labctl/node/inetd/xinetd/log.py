"""The lines that xinetd writes about clients, and where they go (log_type)."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Mapping
from typing import Final

from labctl.node.base import clock, log
from labctl.node.base.log import Log

SEVERITIES: Final[Mapping[str, int]] = {
    "crit": log.CRITICAL,
    "err": log.ERROR,
    "warning": log.WARNING,
    "notice": log.NOTICE,
    "info": log.INFO,
    "debug": log.DEBUG,
}


class ServiceLog:
    """START, EXIT and FAIL of one service, with what its log_on_... attributes ask for."""

    def __init__(self, service: str, attributes: dict[str, list[str]], own: Log) -> None:
        self._service = service
        self._on_success = frozenset(attributes.get("log_on_success", ()))
        self._on_failure = frozenset(attributes.get("log_on_failure", ()))
        words = attributes.get("log_type", ["SYSLOG", "daemon", "info"])
        self._severity = SEVERITIES.get(words[2] if len(words) > 2 else "info", log.INFO)
        self._path = words[1] if words[0] == "FILE" else ""
        facility = words[1] if words[1:] and words[1] in log.FACILITIES else "daemon"
        self._log = Log(own.program, facility=facility, sink=own.sink)

    def start(self, pid: int, address: str) -> None:
        self._write("START", self._on_success, self._who(self._on_success, pid, address))

    def exit(self, pid: int, status: int, number: int, seconds: int) -> None:
        if not {"EXIT", "DURATION"} & self._on_success:
            return
        ended = f" signal={number}" if number else f" status={status}"
        text = ended if "EXIT" in self._on_success else ""
        text += self._who(self._on_success - {"HOST"}, pid, "")
        if "DURATION" in self._on_success:
            text += f" duration={seconds}(sec)"
        self._write("EXIT", self._on_success, text)

    def fail(self, reason: str, address: str) -> None:
        host = f" from={address}" if "HOST" in self._on_failure else ""
        self._write("FAIL", self._on_failure, f" {reason}{host}")

    @staticmethod
    def _who(wanted: Collection[str], pid: int, address: str) -> str:
        text = f" pid={pid}" if "PID" in wanted else ""
        return text + (f" from={address}" if "HOST" in wanted else "")

    def _write(self, event: str, wanted: Collection[str], text: str) -> None:
        line = f"{event}: {self._service}{text}"
        if wanted and self._path:
            self._append(line)
        elif wanted:
            self._log.write(self._severity, line)

    def _append(self, line: str) -> None:
        """xinetd's own log files have a date of their own: ``26/11/23@10:00:00``."""
        t = time.localtime(clock.now())
        date = f"{t.tm_year % 100:02d}/{t.tm_mon}/{t.tm_mday}@{time.strftime('%H:%M:%S', t)}"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with contextlib.suppress(OSError):
            fd = os.open(self._path, flags, 0o640)
            try:
                os.write(fd, f"{date}: {line}\n".encode("utf-8", "surrogateescape"))
            finally:
                os.close(fd)
