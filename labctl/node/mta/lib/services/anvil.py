"""The client of anvil(8): how many connections a client has, and how often it did what.

INPUT AND OUTPUT
    ``AnvilClient(config)`` keeps one connection, whose end tells anvil that the client of
    this process has gone.  ``connect`` -> (connections now, connections lately), ``count`` ->
    events lately.

FAILURES
    A service that does not answer limits nobody: the answer is zero.
"""

from __future__ import annotations

import socket
from typing import Final

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services import ipc

MESSAGE, RECIPIENT, NEW_TLS_SESSION, AUTH = "message", "recipient", "newtls", "auth"


class AnvilClient:
    """One process's line to anvil."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._socket: socket.socket | None = None

    def connect(self, service: str, address: str) -> tuple[int, int]:
        """Report a new connection: (simultaneous, within anvil_rate_time_unit)."""
        answer = self._ask("connect", service, address)
        return _number(answer, "count"), _number(answer, "rate")

    def disconnect(self, service: str, address: str) -> None:
        """The connection is over."""
        self._ask("disconnect", service, address)

    def count(self, event: str, service: str, address: str) -> int:
        """Report an event; how many there were within anvil_rate_time_unit."""
        return _number(self._ask(event, service, address), "rate")

    def _ask(self, request: str, service: str, address: str) -> dict[str, str]:
        attributes = {"request": request, "ident": f"{service}:{address}"}
        reused = self._socket is not None
        answer = self._exchange(attributes)
        if answer is None and reused:
            answer = self._exchange(attributes)
        return answer or {}

    def _exchange(self, attributes: dict[str, str]) -> dict[str, str] | None:
        try:
            if self._socket is None:
                self._socket = ipc.connect(self._config, "private", "anvil", TIMEOUT)
            ipc.send(self._socket, attributes)
            return ipc.receive(self._socket)
        except (OSError, EOFError, ipc.ProtocolError):
            if self._socket is not None:
                self._socket.close()
                self._socket = None
            return None


def _number(answer: dict[str, str], name: str) -> int:
    text = answer.get(name, "")
    return int(text) if text.isdigit() else 0


# Counting must never hold up mail for long.
TIMEOUT: Final = 10.0
