"""The client of policy servers: one question, one ``action=``.  SMTPD_POLICY_README.

INPUT AND OUTPUT
    ``PolicyClients`` keeps one connection for each server.  A server is ``inet:host:port`` or
    ``unix:path`` (below the queue directory when relative); ``{ server, name=value }`` sets
    timeouts and the default action for one server.

FAILURES
    ``PolicyTrouble`` after the last try; what went wrong is in the log.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.base import clock, sockets
from labctl.node.base.lines import LineReader
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config, split_words


class PolicyTrouble(Exception):
    """No answer that could be used."""


class NoAction(OSError):
    """An answer without what was asked for."""


class PolicyServer(NamedTuple):
    """One server, and how it is asked."""

    place: str
    timeout: float
    tries: int
    pause: float
    requests: int  # on one connection; 0 for any number
    idle: float  # how long a connection is kept without a question
    lifetime: float  # and how long at all
    default_action: str
    context: str


@dataclass
class Line:
    """A connection to a server, and how often it was used."""

    reader: LineReader
    opened: float
    used: float
    uses: int = 0


@dataclass
class PolicyClients:
    """Connections that outlive a request; the servers keep state for them."""

    lines: dict[PolicyServer, Line] = field(default_factory=dict)
    known: dict[str, PolicyServer] = field(default_factory=dict)

    def server(self, config: Config, written: str) -> PolicyServer:
        """What stands behind check_policy_service; read once."""
        if written not in self.known:
            self.known[written] = read_server(config, written)
        return self.known[written]

    def ask(self, config: Config, log: Log, written: str, attributes: Mapping[str, str]) -> str:
        """The action of the server's answer."""
        server = self.server(config, written)
        message = "".join(f"{name}={value}\n" for name, value in attributes.items()) + "\n"
        data = message.encode("utf-8", "surrogateescape")
        for attempt in range(server.tries):
            if attempt:
                time.sleep(server.pause)
            try:
                return self._exchange(config, server, data)
            except (OSError, EOFError) as error:
                self._forget(server)
                if attempt + 1 == server.tries or not isinstance(error, USUAL):
                    _complain(log, server, error)
        raise PolicyTrouble(server.place)

    def _exchange(self, config: Config, server: PolicyServer, data: bytes) -> str:
        self._forget_worn_out(server)
        reused = server in self.lines
        try:
            return self._exchange_once(config, server, data)
        except (ConnectionError, EOFError):
            # The server may have ended an idle connection: that is no failure.
            self._forget(server)
            if not reused:
                raise
        return self._exchange_once(config, server, data)

    def _exchange_once(self, config: Config, server: PolicyServer, data: bytes) -> str:
        if server not in self.lines:
            now = clock.monotonic()
            self.lines[server] = Line(_connect(config, server), now, now)
        line = self.lines[server]
        line.uses += 1
        line.used = clock.monotonic()
        line.reader.connection.sendall(data)
        answer = _read_action(line.reader)
        if server.requests and line.uses >= server.requests:
            self._forget(server)
        return answer

    def _forget_worn_out(self, server: PolicyServer) -> None:
        line, now = self.lines.get(server), clock.monotonic()
        if line is None:
            return
        if now - line.used > server.idle or now - line.opened > server.lifetime:
            self._forget(server)

    def _forget(self, server: PolicyServer) -> None:
        if server in self.lines:
            self.lines.pop(server).reader.connection.close()


def read_server(config: Config, written: str) -> PolicyServer:
    """``inet:host:port`` or ``{ inet:host:port, timeout=10s, { default_action = ... } }``."""
    place, settings = written, {}
    if written.startswith("{"):
        words = split_words(written[1:].removesuffix("}"))
        if not words:
            raise Fatal(f'empty policy service: "{written}"')
        place, *options = words
        settings = dict(_option(option) for option in options)
    if place.partition(":")[0] not in ("inet", "unix"):
        kind = place.partition(":")[0]
        raise Fatal(f"invalid transport name: {kind} in service: {place}")
    site = config.with_overrides({OPTIONS[name]: value for name, value in settings.items()})
    return PolicyServer(
        place,
        float(site.seconds(OPTIONS["timeout"])),
        site.number(OPTIONS["try_limit"]),
        float(site.seconds(OPTIONS["retry_delay"])),
        site.number(OPTIONS["request_limit"]),
        float(site.seconds(OPTIONS["max_idle"])),
        float(site.seconds(OPTIONS["max_ttl"])),
        site.text(OPTIONS["default_action"]),
        site.text(OPTIONS["policy_context"]),
    )


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.strip("{} \t").partition("=")
    if not equals:
        raise Fatal(f"malformed option: missing '=' after attribute name: \"...{text}...\"")
    name, value = name.strip(), value.strip()
    if name not in OPTIONS:
        raise Fatal(f'unknown option: "{name} = {value}"')
    return name, value


def _read_action(reader: LineReader) -> str:
    answer = ""
    while line := reader.read_line().rstrip(b"\r\n"):
        name, _, value = line.decode("utf-8", "surrogateescape").partition("=")
        if name.strip() == "action":
            answer = value.strip()
    if not answer:
        raise NoAction
    return answer


def _connect(config: Config, server: PolicyServer) -> LineReader:
    kind, _, place = server.place.partition(":")
    if kind == "inet":
        endpoint = sockets.parse_endpoint(place)
        port = sockets.port_number(endpoint.port)
        connection = sockets.connect_inet(endpoint.host, port, timeout=server.timeout)
    else:
        # A path that is not absolute lies in the queue directory.
        path = os.path.join(config.text("queue_directory"), place)
        connection = sockets.connect_unix(path, timeout=server.timeout)
    return LineReader(connection, timeout=server.timeout)


def _complain(log: Log, server: PolicyServer, error: Exception) -> None:
    place = server.place.partition(":")[2]
    why = getattr(error, "strerror", None) or "Application error"
    if isinstance(error, TimeoutError):
        why = "Connection timed out"
    if isinstance(error, ConnectionRefusedError | FileNotFoundError | socket.gaierror):
        log.warning(f"connect to {place}: {why}")
    if isinstance(error, NoAction):
        log.warning(f"missing attribute action in input from {place}")
    log.warning(f"problem talking to server {place}: {why}")


# A server that starts anew: said only when it does not come back.
USUAL: Final = (BrokenPipeError, ConnectionResetError, FileNotFoundError, EOFError)
# SMTPD_POLICY_README: what may be said of one server, and the parameter for all of them.
OPTIONS: Final = {
    name: f"smtpd_policy_service_{name}"
    for name in (
        "timeout",
        "try_limit",
        "retry_delay",
        "request_limit",
        "default_action",
        "policy_context",
        "max_idle",
        "max_ttl",
    )
}
