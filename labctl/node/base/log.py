"""One line of log per event, in the words and the form of syslog.

INPUT AND OUTPUT
    ``Log("smtpd", syslog_name="postfix").info("connect from ...")`` sends one datagram to
    /dev/log.  With ``path`` (postconf(5) maillog_file) the line is appended to that file; who
    may not write it sends the line to ``socket`` beside it (postlogd).  Where neither is there
    the line is appended to /var/log/maillog.

WHY OPENED EARLY
    A program opens its log before it drops its privileges: afterwards it may not be able to.

NOT HERE
    ``fatal()`` only logs.  A program that gives up raises ``Fatal``, which whoever started it
    logs and turns into exit status 1.
"""

from __future__ import annotations

import os
import socket as sockets
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from labctl.node.base import clock

DEV_LOG: Final = "/dev/log"
LAST_RESORT: Final = "/var/log/maillog"
LONGEST: Final = 2000  # what a command prints may be long, and Postfix logs no more of it

# RFC 3164 4.1.1: the priority is the facility times 8 plus the severity.
FACILITIES: Final[Mapping[str, int]] = {
    "kern": 0,
    "user": 1,
    "mail": 2,
    "daemon": 3,
    "auth": 4,
    "syslog": 5,
    "lpr": 6,
    "news": 7,
    "uucp": 8,
    "cron": 9,
    "authpriv": 10,
    "ftp": 11,
    "local0": 16,
    "local1": 17,
    "local2": 18,
    "local3": 19,
    "local4": 20,
    "local5": 21,
    "local6": 22,
    "local7": 23,
}
CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG = 2, 3, 4, 5, 6, 7


class Fatal(Exception):
    """The program cannot go on: the text is logged, the exit status is ``status``.

    ``warnings`` are what is to be said before it.
    """

    def __init__(self, text: str, *, status: int = 1, warnings: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.warnings = warnings


def timestamp(when: float) -> str:
    """RFC 3164 4.1.2: the day of the month is padded with a space."""
    return _timestamp(int(when))


# Under load many lines have the same second, and localtime(3) looks at a file each time.
@lru_cache(maxsize=1)
def _timestamp(when: int) -> str:
    moment = time.localtime(when)
    return f"{time.strftime('%b', moment)} {moment.tm_mday:2d} {time.strftime('%T', moment)}"


@lru_cache(maxsize=1)
def _timestamp_and_host(when: int) -> str:
    return f"{_timestamp(when)} {os.uname().nodename.partition('.')[0]}"


class Sink:
    """Where lines go; opened at the first line or by ``open()``, shared by sibling logs."""

    def __init__(self, path: str = "", socket: str = "") -> None:
        self._path, self._socket = path, socket
        self._file = -1
        self._datagrams: sockets.socket | None = None

    def open(self) -> None:
        """Open what will be needed, while we may."""
        if self._file >= 0 or self._datagrams is not None:
            return
        if self._path and self._open_file(self._path):
            return
        if not self._connect(self._socket if self._path else DEV_LOG) and not self._path:
            self._open_file(LAST_RESORT)

    def close(self) -> None:
        """Forget what is open; the next line opens it anew."""
        if self._file >= 0:
            os.close(self._file)
        if self._datagrams is not None:
            self._datagrams.close()
        self._file, self._datagrams = -1, None

    def descriptors(self) -> list[int]:
        """What is open now: a forked child keeps it."""
        datagrams = self._datagrams
        return [fd for fd in (self._file, datagrams.fileno() if datagrams else -1) if fd >= 0]

    def write(self, priority: int, tag: str, text: str) -> None:
        self.open()
        now = int(clock.now())
        if self._file >= 0:
            line = f"{_timestamp_and_host(now)} {tag}: {text}\n"
            self.append(line.encode("utf-8", "surrogateescape"))
        elif self._datagrams is not None:
            self._send(f"<{priority}>{_timestamp(now)} {tag}: {text}")

    def append(self, line: bytes) -> None:
        """A whole line to the file, if there is one."""
        # O_APPEND and a single write: lines of many processes never mix.
        if self._file >= 0:
            os.write(self._file, line)

    def _send(self, line: str) -> None:
        data = line.encode("utf-8", "surrogateescape")
        assert self._datagrams is not None
        try:
            self._datagrams.send(data)
        except OSError:
            # syslogd was started anew: once more, and then the line is lost, as in syslog(3).
            self.close()
            self.open()
            if self._datagrams is not None:
                self._try_send(data)

    def _try_send(self, data: bytes) -> None:
        assert self._datagrams is not None
        try:
            self._datagrams.send(data)
        except OSError:
            self.close()

    def _open_file(self, path: str) -> bool:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            self._file = os.open(path, flags, 0o644)
        except OSError:
            return False
        return True

    def _connect(self, path: str) -> bool:
        datagrams = sockets.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM)
        # A syslogd that does not read must not stop the mail for good.
        datagrams.settimeout(5.0)
        try:
            datagrams.connect(path)
        except OSError:
            datagrams.close()
            return False
        self._datagrams = datagrams
        return True


class Log:
    """The log of one program: ``Mon dd hh:mm:ss host SYSLOG_NAME/PROGRAM[pid]: text``."""

    def __init__(
        self,
        program: str,
        *,
        syslog_name: str = "",
        facility: str = "mail",
        path: str = "",
        socket: str = "",
        sink: Sink | None = None,
    ) -> None:
        self.program, self.syslog_name, self.facility = program, syslog_name, facility
        self.sink = sink or Sink(path, socket)

    def named(self, program: str, *, syslog_name: str = "") -> Log:
        """The log of a sibling, over the same sink."""
        name = syslog_name or self.syslog_name
        return Log(program, syslog_name=name, facility=self.facility, sink=self.sink)

    def open(self) -> Log:
        """Open the sink before privileges are dropped."""
        self.sink.open()
        return self

    def info(self, text: str) -> None:
        self._write(INFO, text[:LONGEST])

    def warning(self, text: str) -> None:
        self._write(WARNING, f"warning: {text[:LONGEST]}")

    def error(self, text: str) -> None:
        self._write(ERROR, f"error: {text[:LONGEST]}")

    def fatal(self, text: str) -> None:
        self._write(CRITICAL, f"fatal: {text[:LONGEST]}")

    def panic(self, text: str) -> None:
        self._write(CRITICAL, f"panic: {text[:LONGEST]}")

    def write(self, severity: int, text: str) -> None:
        """A line as it is, for programs that are not of the Postfix family."""
        self._write(severity, text)

    def _write(self, severity: int, text: str) -> None:
        name = f"{self.syslog_name}/{self.program}" if self.syslog_name else self.program
        priority = FACILITIES[self.facility] * 8 + severity
        self.sink.write(priority, f"{name}[{os.getpid()}]", text)
