"""One question to one name server after the other: UDP, and TCP when the answer was cut."""

from __future__ import annotations

import enum
import socket
import struct
import time
from typing import Final, NamedTuple

from labctl.node.mta.lib.dns import wire
from labctl.node.mta.lib.dns.resolv_conf import ResolverOptions

PORT: Final = 53
MAX_ALIASES: Final = 10


class Outcome(enum.Enum):
    """What came back for a question."""

    ANSWERED = "answered"
    NO_SUCH_NAME = "no such name"
    NO_RECORDS = "no records of this type"
    NO_REPLY = "no reply"
    SERVER_FAILED = "server failed"
    MALFORMED = "malformed"
    LOOP = "aliases without an end"


class Reply(NamedTuple):
    """What came back; `values` are pairs of preference (0 but for MX) and value."""

    outcome: Outcome
    values: tuple[tuple[int, str], ...] = ()


def ask(name: str, kind: str, options: ResolverOptions, deadline: float) -> Reply:
    """Try the servers in their order, as often as resolv.conf says, until the deadline."""
    try:
        query = wire.query(name, kind)
    except wire.BadName:
        return Reply(Outcome.NO_SUCH_NAME)
    worst = Reply(Outcome.NO_REPLY)
    for _ in range(options.attempts):
        for server in options.servers:
            until = min(time.monotonic() + options.timeout, deadline)
            reply = _ask_server(query, server, until)
            # SERVFAIL, REFUSED and silence: perhaps another server knows more.
            if reply.outcome not in (Outcome.NO_REPLY, Outcome.SERVER_FAILED):
                return reply
            worst = reply
    return worst


def _ask_server(query: bytes, server: str, until: float) -> Reply:
    try:
        data = _exchange(query, server, until, stream=False)
        if wire.is_truncated(data):
            data = _exchange(query, server, until, stream=True)
    except OSError:
        return Reply(Outcome.NO_REPLY)
    try:
        return _interpret(query, wire.parse(data))
    except wire.Malformed:
        return Reply(Outcome.MALFORMED)


def _exchange(query: bytes, server: str, until: float, *, stream: bool) -> bytes:
    host, port = _endpoint(server)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as peer:
        _limit(peer, until)
        # A connected socket takes datagrams of this server only, and learns of a closed port.
        peer.connect((host, port))
        if stream:
            peer.sendall(struct.pack("!H", len(query)) + query)
            return _receive_stream(peer, until)
        peer.send(query)
        return _receive_datagram(peer, query, until)


def _endpoint(server: str) -> tuple[str, int]:
    """A server is an address, or `[address]:port` as some systems' resolv.conf(5) has it."""
    if not server.startswith("["):
        return server, PORT
    host, _, port = server[1:].partition("]:")
    return host, int(port)


def _receive_datagram(peer: socket.socket, query: bytes, until: float) -> bytes:
    while True:
        _limit(peer, until)
        data = peer.recv(65535)
        # Another number is that of a late answer to an earlier question.
        if len(data) >= 2 and data[:2] == query[:2]:
            return data


def _receive_stream(peer: socket.socket, until: float) -> bytes:
    # RFC 1035 4.2.2: over TCP a length of two bytes goes before the message.
    length = struct.unpack("!H", _receive_exactly(peer, 2, until))[0]
    return _receive_exactly(peer, length, until)


def _receive_exactly(peer: socket.socket, count: int, until: float) -> bytes:
    data = b""
    while len(data) < count:
        _limit(peer, until)
        more = peer.recv(count - len(data))
        if not more:
            raise ConnectionError("the name server closed the connection")
        data += more
    return data


def _limit(peer: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no time is left")
    peer.settimeout(left)


def _interpret(query: bytes, message: wire.Message) -> Reply:
    if not message.answers_to(query):
        return Reply(Outcome.MALFORMED)
    if message.rcode != wire.NO_ERROR:
        unknown = message.rcode == wire.NAME_ERROR
        return Reply(Outcome.NO_SUCH_NAME if unknown else Outcome.SERVER_FAILED)
    values = _values(message)
    if values is None:
        return Reply(Outcome.LOOP)
    return Reply(Outcome.ANSWERED, values) if values else Reply(Outcome.NO_RECORDS)


def _values(message: wire.Message) -> tuple[tuple[int, str], ...] | None:
    """Follow aliases within the answer; a server that resolves for us sends all of them.

    None when they lead nowhere.
    """
    name, kind = message.questions[0]
    for _ in range(MAX_ALIASES):
        found = message.records(name, kind)
        if found:
            return tuple(dict.fromkeys(record.value for record in found))
        aliases = message.records(name, wire.TYPES["CNAME"])
        if not aliases:
            return ()
        name = aliases[0].target
    return None
