"""The names of clients, kept for a moment: a busy client connects many times a second.

WHY ONE SECOND
    As long as answers of name servers are kept (docs/differences.md): a lab's changed zone
    shows at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labctl.node.base import clock, sockets
from labctl.node.base.sockets import PeerName

SECONDS: Final = 1.0


class PeerNames:
    """What was found out lately."""

    def __init__(self, ask: Callable[[str], PeerName] = sockets.peer_name) -> None:
        self._ask = ask
        self._known: dict[str, PeerName] = {}
        self._valid_until = 0.0

    def of(self, address: str) -> PeerName:
        """The name of an address, verified if it can be."""
        now = clock.monotonic()
        if now > self._valid_until:
            self._known.clear()
            self._valid_until = now + SECONDS
        if address not in self._known:
            self._known[address] = self._ask(address)
        return self._known[address]
