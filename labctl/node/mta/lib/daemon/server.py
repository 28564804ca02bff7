"""What every daemon of the mail system does: take clients from master, and end in time.

NAME
    server - the skeletons of single_server(3), multi_server(3) and trigger_server(3)

INPUT AND OUTPUT
    master forks a child with a ``ServiceContext``.  The child calls one of
    ``serve_single(context, handle)``       one client at a time; ``handle(connection)``
    ``serve_many(context, handle_request)`` many clients; ``handle_request(request) -> answer``
    ``serve_connections(...)``              the same, with a number for each connection
    ``serve_triggers(context, on_trigger)`` one-byte messages of ``ipc.trigger``
    or has a loop of its own: ``attach(context, loop, on_client)`` brings it clients, and
    ``triggers.accept_triggers()`` what they say (qmgr).

STATES
    A child tells master when it takes a client (busy) and when it has none (idle).  It ends by
    itself after ``max_use`` clients or ``max_idle`` seconds without one, and at once when
    master is gone: the status pipe then has no reader.

NOT HERE
    Privileges are dropped by master's child before ``serve()`` is called; a daemon that must
    open something as root first has ``prepare(context)`` beside ``serve(context)``.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Mapping

from labctl.node.base.events import EventLoop, Timer
from labctl.node.mta.lib.daemon.clients import accept, clients, worn_out
from labctl.node.mta.lib.daemon.context import (
    STATUS_SIZE,
    Kind,
    Limits,
    ServiceContext,
    Status,
    parse_status,
)
from labctl.node.mta.lib.services import ipc

__all__ = [
    "STATUS_SIZE",
    "Kind",
    "Limits",
    "ServiceContext",
    "Status",
    "attach",
    "parse_status",
    "serve_connections",
    "serve_many",
    "serve_single",
    "serve_triggers",
]

Handle = Callable[[socket.socket], None]
HandleRequest = Callable[[Mapping[str, str]], Mapping[str, str]]
HandleNumbered = Callable[[int, Mapping[str, str]], Mapping[str, str]]


def serve_single(context: ServiceContext, handle: Handle) -> None:
    """One client at a time, until the limits are reached."""
    for client in clients(context):
        client.settimeout(context.limits.ipc_timeout)
        # A client that vanishes is its own affair; whatever else goes wrong is ours.
        with client, contextlib.suppress(ConnectionError, EOFError):
            handle(client)


def serve_many(context: ServiceContext, handle_request: HandleRequest) -> None:
    """Answer requests of many clients; one request is handled at a time."""
    serve_connections(context, lambda _number, request: handle_request(request))


def serve_connections(
    context: ServiceContext,
    handle_request: HandleNumbered,
    on_close: Callable[[int], None] = lambda _number: None,
    loop: EventLoop | None = None,
) -> None:
    """As serve_many, for daemons that remember something of each connection."""
    _Connections(context, handle_request, on_close, loop or EventLoop()).run()


def serve_triggers(context: ServiceContext, on_trigger: Callable[[bytes], None]) -> None:
    """Call ``on_trigger`` with the bytes of each trigger, several clients' together."""
    for client in clients(context):
        on_trigger(_read_trigger(client))


def attach(
    context: ServiceContext, loop: EventLoop, on_client: Callable[[socket.socket], None]
) -> None:
    """For a daemon with a loop of its own: its clients, and the end when master wants it."""

    def acceptor(listener: socket.socket) -> Callable[[], None]:
        def take() -> None:
            if client := accept(context, listener):
                client.settimeout(context.limits.ipc_timeout)
                on_client(client)

        return take

    for listener in context.listeners:
        loop.add_reader(listener.fileno(), acceptor(listener))
    if context.status.descriptor >= 0:
        # Nothing ever comes that way; what is reported is that master has closed its end.
        loop.add_reader(context.status.descriptor, loop.stop)
    loop.on_signal(signal.SIGTERM, loop.stop)


def _read_trigger(client: socket.socket) -> bytes:
    """What a client of ``ipc.trigger`` has to say; it does not wait for us, nor we for it."""
    with client:
        client.settimeout(1.0)
        try:
            return client.recv(512)
        except OSError:
            return b""


class _Connections:
    """The event loop of serve_connections."""

    def __init__(
        self,
        context: ServiceContext,
        handle: HandleNumbered,
        on_close: Callable[[int], None],
        loop: EventLoop,
    ) -> None:
        self.context, self.handle, self.on_close, self.loop = context, handle, on_close, loop
        self.clients: dict[int, socket.socket] = {}
        self.buffers: dict[int, bytearray] = {}
        self.served = 0
        self.proven = False
        self.idle: Timer | None = None

    def run(self) -> None:
        attach(self.context, self.loop, self._add)
        self._wait_for_clients()
        self.loop.run()

    def _add(self, client: socket.socket) -> None:
        if self.idle is not None:
            self.idle.cancel()
        number = client.fileno()
        self.clients[number], self.buffers[number] = client, bytearray()
        self.loop.add_reader(number, lambda: self._readable(number))

    def _readable(self, number: int) -> None:
        try:
            piece = self.clients[number].recv(65536)
        except OSError:
            piece = b""
        if not piece:
            self._remove(number)
            return
        self.buffers[number] += piece
        try:
            request = ipc.decode(self.buffers[number])
        except ipc.ProtocolError as error:
            self.context.log.warning(f"client of {self.context.service}: {error}")
            self._remove(number)
            return
        if request is not None:
            self.buffers[number].clear()
            self._answer(number, request)

    def _answer(self, number: int, request: Mapping[str, str]) -> None:
        answer = self.handle(number, request)
        try:
            ipc.send(self.clients[number], answer)
        except OSError:
            self._remove(number)
        if not self.proven:
            # Clients stay for hours; master must know that this process works all the same.
            self.proven = True
            self.context.status.idle()

    def _remove(self, number: int) -> None:
        self.loop.remove_reader(number)
        self.clients.pop(number).close()
        del self.buffers[number]
        self.on_close(number)
        self.served += 1
        if not self.clients:
            self._wait_for_clients()

    def _wait_for_clients(self) -> None:
        if worn_out(self.context, self.served):
            self.loop.stop()
        elif self.context.limits.max_idle > 0:
            self.idle = self.loop.call_later(self.context.limits.max_idle, self.loop.stop)
