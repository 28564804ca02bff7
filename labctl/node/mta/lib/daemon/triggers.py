"""Triggers for a daemon with an event loop of its own: read when they come, wait for nobody.

WHY NOT RECEIVE AT ONCE
    A client that has connected may not run again for a second on a busy machine.  To wait
    for it would stop all mail; to hang up on it would lose its trigger.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.daemon.context import ServiceContext
from labctl.node.mta.lib.daemon.server import attach

OnTrigger = Callable[[bytes], None]

LARGEST: Final = 512
PATIENCE: Final = 10.0  # a client that has not said anything by then never will


def accept_triggers(context: ServiceContext, loop: EventLoop, on_trigger: OnTrigger) -> None:
    """Call ``on_trigger`` with the bytes of each trigger, until master ends us."""
    attach(context, loop, lambda client: read_trigger(loop, client, on_trigger))


def read_trigger(loop: EventLoop, client: socket.socket, on_trigger: OnTrigger) -> None:
    """Now if it is there already, else when it comes."""
    client.setblocking(False)
    if _read(client, on_trigger):
        client.close()
    else:
        _Late(loop, client, on_trigger)


class _Late:
    """A trigger that is still to come."""

    def __init__(self, loop: EventLoop, client: socket.socket, on_trigger: OnTrigger) -> None:
        self._loop, self._client, self._on_trigger = loop, client, on_trigger
        self._timer = loop.call_later(PATIENCE, self._close)
        loop.add_reader(client.fileno(), self._readable)

    def _readable(self) -> None:
        if _read(self._client, self._on_trigger):
            self._close()

    def _close(self) -> None:
        self._timer.cancel()
        self._loop.remove_reader(self._client.fileno())
        self._client.close()


def _read(client: socket.socket, on_trigger: OnTrigger) -> bool:
    """Whether the client has said what it had to say, or has gone without a word."""
    try:
        data = client.recv(LARGEST)
    except BlockingIOError:
        return False
    except OSError:
        data = b""
    if data:
        on_trigger(data)
    return True
