"""Questions to trivial-rewrite(8): the canonical form of an address, and where it goes.

INPUT AND OUTPUT
    ``RewriteClient(config)`` keeps one connection and the answers of the last moments.
    ``rewrite("bob", "local")`` is "bob@myorigin"; ``resolve(sender, recipient)`` says which
    transport and next hop, and of which domain class the recipient is.

BUGS
    An answer may be CACHE_SECONDS old when a table changes.
"""

from __future__ import annotations

import enum
import re
import socket
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services import ipc

CACHE_SECONDS: Final = 1.0
CACHE_SIZE: Final = 500
COMPLETE_ADDRESS: Final = re.compile(r"[\w.+=/-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class ResolveFlag(enum.IntFlag):
    """What is known of a resolved recipient: errors first, then its domain class."""

    NONE = 0
    FINAL = 1  # a table says so: do not look further
    ROUTED = 2  # has sender-specified routing: a%b@c, a!b
    ERROR = 4  # not a valid address
    FAIL = 8  # a table could not be read: try again later
    LOCAL = 256  # mydestination, inet_interfaces, proxy_interfaces
    ALIAS = 512  # virtual_alias_domains
    VIRTUAL = 1024  # virtual_mailbox_domains
    RELAY = 2048  # relay_domains
    DEFAULT = 4096  # anything else
    ANY_FINAL = LOCAL | ALIAS | VIRTUAL


class Resolved(NamedTuple):
    """Where a recipient goes."""

    transport: str
    nexthop: str
    recipient: str
    flags: ResolveFlag


class RewriteUnavailable(Exception):
    """The service does not answer: a temporary failure for whoever asked."""


class RewriteClient:
    """One connection to trivial-rewrite, opened when first needed, opened again when lost."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._socket: socket.socket | None = None
        self._answers: dict[tuple[str, ...], dict[str, str]] = {}
        self._valid_until = 0.0

    def rewrite(self, address: str, context: str = "local") -> str:
        """The address in standard form; ``context`` is "local" or "remote"."""
        # Whatever is configured, such an address is its own standard form.
        if COMPLETE_ADDRESS.fullmatch(address):
            return address
        return self._ask({"request": "rewrite", "rule": context, "address": address})["address"]

    def resolve(self, sender: str, recipient: str, *, verify: bool = False) -> Resolved:
        """Transport, next hop and domain class; FAIL in the flags when a table failed."""
        request = "verify" if verify else "resolve"
        reply = self._ask({"request": request, "sender": sender, "address": recipient})
        return Resolved(
            reply["transport"],
            reply["nexthop"],
            reply["recipient"],
            ResolveFlag(int(reply["flags"])),
        )

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, request: dict[str, str]) -> dict[str, str]:
        now = clock.monotonic()
        if now > self._valid_until or len(self._answers) > CACHE_SIZE:
            self._answers.clear()
            self._valid_until = now + CACHE_SECONDS
        key = tuple(request.values())
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._exchange(request)
        return answer

    def _exchange(self, request: dict[str, str]) -> dict[str, str]:
        # The server may have ended an idle connection; a second try on a new one is safe.
        reused = self._socket is not None
        try:
            return self._exchange_once(request)
        except (OSError, EOFError, KeyError) as error:
            self.close()
            if not reused:
                raise RewriteUnavailable(f"rewrite service: {error}") from error
        try:
            return self._exchange_once(request)
        except (OSError, EOFError, KeyError) as error:
            self.close()
            raise RewriteUnavailable(f"rewrite service: {error}") from error

    def _exchange_once(self, request: dict[str, str]) -> dict[str, str]:
        if self._socket is None:
            service = self._config.text("rewrite_service_name")
            timeout = self._config.seconds("ipc_timeout")
            self._socket = ipc.connect(self._config, "private", service, timeout)
        ipc.send(self._socket, request)
        reply = ipc.receive(self._socket)
        reply["flags"]  # an empty or foreign answer is no answer
        return reply
