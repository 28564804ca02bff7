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

from labctl.node.base import sockets
from labctl.node.base.lines import LineReader
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config


class PolicyTrouble(Exception):
    """No answer that could be used."""


@dataclass
class PolicyClients:
    """Connections that outlive a request; the servers keep state for them."""

    connections: dict[str, LineReader] = field(default_factory=dict)

    def ask(self, config: Config, log: Log, server: str, attributes: Mapping[str, str]) -> str:
        """The action of the server's answer."""
        tries = config.number("smtpd_policy_service_try_limit")
        message = "".join(f"{name}={value}\n" for name, value in attributes.items()) + "\n"
        data = message.encode("utf-8", "surrogateescape")
        for attempt in range(tries):
            if attempt:
                time.sleep(config.seconds("smtpd_policy_service_retry_delay"))
            try:
                return self._exchange(config, server, data)
            except (OSError, EOFError) as error:
                self._forget(server)
                _complain(log, server, error)
        raise PolicyTrouble(server)

    def _exchange(self, config: Config, server: str, data: bytes) -> str:
        reused = server in self.connections
        try:
            return self._exchange_once(config, server, data)
        except (ConnectionError, EOFError):
            # The server may have ended an idle connection: that is no failure.
            self._forget(server)
            if not reused:
                raise
        return self._exchange_once(config, server, data)

    def _exchange_once(self, config: Config, server: str, data: bytes) -> str:
        if server not in self.connections:
            self.connections[server] = _connect(config, server)
        reader = self.connections[server]
        reader.connection.sendall(data)
        answer = ""
        while line := reader.read_line().rstrip(b"\r\n"):
            name, _, value = line.decode("utf-8", "surrogateescape").partition("=")
            if name.strip() == "action":
                answer = value.strip()
        if not answer:
            raise OSError("missing action in the answer")
        return answer

    def _forget(self, server: str) -> None:
        if server in self.connections:
            self.connections.pop(server).connection.close()


def _connect(config: Config, server: str) -> LineReader:
    timeout = float(config.seconds("smtpd_policy_service_timeout"))
    kind, _, place = server.partition(":")
    if kind == "inet":
        endpoint = sockets.parse_endpoint(place)
        port = sockets.port_number(endpoint.port)
        connection = sockets.connect_inet(endpoint.host, port, timeout=timeout)
    else:
        # A path that is not absolute lies in the queue directory.
        path = os.path.join(config.text("queue_directory"), place)
        connection = sockets.connect_unix(path, timeout=timeout)
    return LineReader(connection, timeout=timeout)


def _complain(log: Log, server: str, error: Exception) -> None:
    place = server.partition(":")[2]
    why = getattr(error, "strerror", None) or str(error)
    if isinstance(error, ConnectionRefusedError | FileNotFoundError | socket.gaierror):
        log.warning(f"connect to {place}: {why}")
    log.warning(f"problem talking to server {place}: {why}")
