"""Listening, connecting with a deadline, and the names of who is at the other end."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
from typing import Final, NamedTuple

from labctl.node.base import files

BACKLOG: Final = 128
TIMEVAL: Final = struct.Struct("@ll")  # struct timeval, socket(7) SO_RCVTIMEO


class Endpoint(NamedTuple):
    """HOST:PORT as written; an empty host means every address of this machine."""

    host: str
    port: str


class PeerName(NamedTuple):
    """``name`` is verified (its address is the peer's); ``reverse`` is what PTR said.

    "" means that there is none; ``temporary`` that nobody could tell.
    """

    name: str
    reverse: str
    temporary: bool


def parse_endpoint(text: str) -> Endpoint:
    """``25``, ``smtp``, ``localhost:25``, ``[::1]:25``, ``198.18.0.1:smtp``."""
    host, colon, port = text.rpartition(":")
    if not colon:
        return Endpoint("", text)
    return Endpoint(host.removeprefix("[").removesuffix("]"), port)


def port_number(name: str, protocol: str = "tcp") -> int:
    """A number, or a name from /etc/services; ValueError if it is neither."""
    if name.isdigit():
        return int(name)
    try:
        return socket.getservbyname(name, protocol)
    except OSError:
        raise ValueError(f"unknown service: {name}/{protocol}") from None


def listen_inet(address: str, port: int, *, backlog: int = BACKLOG) -> socket.socket:
    """A non-blocking listener on a literal address; several processes may share it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def listen_unix(
    path: str, *, mode: int = 0o666, backlog: int = BACKLOG, datagrams: bool = False
) -> socket.socket:
    """A non-blocking listener at a path; a socket that a predecessor left is replaced."""
    kind = socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM
    listener = socket.socket(socket.AF_UNIX, kind)
    try:
        files.unlink_if_there(path)
        listener.bind(path)
        os.chmod(path, mode)
        if not datagrams:
            listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def connect_unix(path: str, *, timeout: float) -> socket.socket:
    """A connection to a local server; the timeout stays on the socket."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def connect_inet(address: str, port: int, *, timeout: float, source: str = "") -> socket.socket:
    """A connection to a literal address; the timeout stays on the socket."""
    origin = (source, 0) if source else None
    return socket.create_connection((address, port), timeout=timeout, source_address=origin)


def peer_name(address: str) -> PeerName:
    """The name of an address, believed only if the name leads back to the address."""
    try:
        reverse = socket.getnameinfo((address, 0), socket.NI_NAMEREQD)[0]
    except socket.gaierror as error:
        return PeerName("", "", error.errno == socket.EAI_AGAIN)
    try:
        known = {entry[4][0] for entry in socket.getaddrinfo(reverse, None)}
    except socket.gaierror as error:
        return PeerName("", reverse, error.errno == socket.EAI_AGAIN)
    return PeerName(reverse if address in known else "", reverse, False)


def wait_at_most(connection: socket.socket, seconds: float) -> None:
    """Let the kernel end reads and writes that wait so long, with BlockingIOError."""
    connection.settimeout(None)
    # Zero would mean for ever.
    microseconds = max(int(seconds * 1_000_000), 1)
    limit = TIMEVAL.pack(*divmod(microseconds, 1_000_000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def accept(listener: socket.socket) -> socket.socket | None:
    """One client of a shared listener, or None when a sibling was faster."""
    with contextlib.suppress(BlockingIOError, ConnectionAbortedError, InterruptedError):
        return listener.accept()[0]
    return None


def has_hung_up(connection: socket.socket) -> bool:
    """Whether the other end has closed, whatever it has said before."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


def receive_passed(carrier: socket.socket, *, timeout: float = 10.0) -> socket.socket | None:
    """The connection that somebody hands over; None when nothing comes.  Closes the carrier."""
    with carrier, contextlib.suppress(OSError):
        carrier.settimeout(timeout)
        _, descriptors, _, _ = socket.recv_fds(carrier, 1, 1)
        for descriptor in descriptors:
            return socket.socket(fileno=descriptor)
    return None
