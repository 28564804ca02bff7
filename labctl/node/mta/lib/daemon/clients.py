"""The clients of a process that serves one at a time, taken from sockets shared with siblings.

INPUT AND OUTPUT
    ``clients(context)`` gives one connection after the other, until the limits are reached or
    master is gone, and tells master meanwhile whether we are busy.

WHY NOT POLL
    With poll(2) every idle sibling wakes up for each client, and all but one for nothing;
    EPOLLEXCLUSIVE (epoll_ctl(2)) wakes one, mostly the same one, whose memory is warm.

WHY SILENT UNDER LOAD
    Who finds the next client waiting has not been idle, and need not say so twice.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator, Mapping

from labctl.node.base import sockets
from labctl.node.mta.lib.daemon.context import ServiceContext

Listeners = Mapping[int, socket.socket]


def clients(context: ServiceContext) -> Iterator[socket.socket]:
    """Wait for clients; the end comes after max_use of them, or max_idle without any."""
    limits, status = context.limits, context.status
    listeners = {listener.fileno(): listener for listener in context.listeners}
    with select.epoll() as door:
        _watch(door, listeners, status.descriptor)
        served = 0
        while not worn_out(context, served):
            # master learns with the first "idle" that the program works at all.
            client = _take(door, listeners, 0) if served > 1 else None
            if client is None:
                if served:
                    status.idle()
                client = _take(door, listeners, limits.max_idle or None)
                if client is None:
                    return
                status.busy()
            yield client
            served += 1
        status.idle()


def worn_out(context: ServiceContext, served: int) -> bool:
    """Whether this process has served enough, or belongs to a generation that is past."""
    # trigger_server(3), single_server(3): max_use bounds what a leak can do.
    return context.status.abandoned or 0 < context.limits.max_use <= served


def _watch(door: select.epoll, listeners: Listeners, status: int) -> None:
    for descriptor in listeners:
        door.register(descriptor, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    if status >= 0:
        door.register(status, 0)  # only EPOLLERR: the reader is gone


def _take(
    door: select.epoll, listeners: Listeners, patience: float | None
) -> socket.socket | None:
    """The next client; None if there is none in time, or master is gone."""
    while ready := door.poll(patience):
        if any(descriptor not in listeners for descriptor, _events in ready):
            return None  # whoever knocks now belongs to the next generation
        for descriptor, _events in ready:
            if client := sockets.accept(listeners[descriptor]):
                return client
    return None
