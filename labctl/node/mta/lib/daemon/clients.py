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
from collections.abc import Iterator, Sequence

from labctl.node.base import sockets
from labctl.node.mta.lib.daemon.context import Kind, ServiceContext


def clients(context: ServiceContext) -> Iterator[socket.socket]:
    """Wait for clients; the end comes after max_use of them, or max_idle without any."""
    limits, status = context.limits, context.status
    with select.epoll() as door:
        _watch(door, context.listeners, status.descriptor)
        served = 0
        while not worn_out(context, served):
            # master learns with the first "idle" that the program works at all.
            client = _take(context, door, 0) if served > 1 else None
            if client is None:
                if served:
                    status.idle()
                client = _take(context, door, limits.max_idle or None)
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


def _watch(door: select.epoll, listeners: Sequence[socket.socket], status: int) -> None:
    for listener in listeners:
        door.register(listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    if status >= 0:
        door.register(status, 0)  # only EPOLLERR: the reader is gone


def accept(context: ServiceContext, listener: socket.socket) -> socket.socket | None:
    """One client of a shared listener, or None when a sibling was faster."""
    client = sockets.accept(listener)
    # master(5) "pass": who connects has accepted a client for us, and hands it over.
    if client is not None and context.kind is Kind.PASS:
        return sockets.receive_passed(client)
    return client


def _take(
    context: ServiceContext, door: select.epoll, patience: float | None
) -> socket.socket | None:
    """The next client; None if there is none in time, or master is gone."""
    listeners = {listener.fileno(): listener for listener in context.listeners}
    while ready := door.poll(patience):
        if any(descriptor not in listeners for descriptor, _events in ready):
            return None  # whoever knocks now belongs to the next generation
        for descriptor, _events in ready:
            if client := accept(context, listeners[descriptor]):
                return client
    return None
