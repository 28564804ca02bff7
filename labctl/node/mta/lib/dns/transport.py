"""One question to one name server after the other: UDP, and TCP when the answer was cut."""

from __future__ import annotations

import enum
import socket
import struct
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from labctl.node.mta.lib.dns.resolv_conf import ResolverOptions

if TYPE_CHECKING:
    import dns.message

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


class Reply(NamedTuple):
    """What came back; `values` are pairs of preference (0 but for MX) and value."""

    outcome: Outcome
    values: tuple[tuple[int, str], ...] = ()


def warm_up() -> None:
    """Import dnspython now: the time of a question counts from when it is asked."""
    import dns.message
    import dns.rdtypes.ANY.MX
    import dns.rdtypes.IN.A

    dns.message.make_query("localhost", "MX")  # the parts that dnspython imports by name


def ask(name: str, kind: str, options: ResolverOptions, deadline: float) -> Reply:
    """Try the servers in their order, as often as resolv.conf says, until the deadline."""
    # dnspython costs tens of milliseconds, which commands that ask nothing shall not pay.
    import dns.exception
    import dns.message

    try:
        query = dns.message.make_query(name, kind)
    except (dns.exception.DNSException, UnicodeError):
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


def _ask_server(query: dns.message.Message, server: str, until: float) -> Reply:
    import dns.exception
    import dns.flags
    import dns.message

    try:
        message = _exchange(query, server, until, stream=False)
        if message.flags & dns.flags.TC:
            message = _exchange(query, server, until, stream=True)
    except OSError:
        return Reply(Outcome.NO_REPLY)
    except dns.exception.DNSException:
        return Reply(Outcome.MALFORMED)
    return _interpret(query, message)


def _exchange(
    query: dns.message.Message, server: str, until: float, *, stream: bool
) -> dns.message.Message:
    import dns.message

    wire = query.to_wire()
    host, port = _endpoint(server)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as peer:
        _limit(peer, until)
        # A connected socket takes datagrams of this server only, and learns of a closed port.
        peer.connect((host, port))
        if stream:
            peer.sendall(struct.pack("!H", len(wire)) + wire)
            return dns.message.from_wire(_receive_stream(peer, until))
        peer.send(wire)
        return _receive_datagram(peer, query, until)


def _endpoint(server: str) -> tuple[str, int]:
    """A server is an address, or `[address]:port` as some systems' resolv.conf(5) has it."""
    if not server.startswith("["):
        return server, PORT
    host, _, port = server[1:].partition("]:")
    return host, int(port)


def _receive_datagram(
    peer: socket.socket, query: dns.message.Message, until: float
) -> dns.message.Message:
    import dns.exception
    import dns.message

    while True:
        _limit(peer, until)
        data = peer.recv(65535)
        if len(data) < 2 or struct.unpack_from("!H", data)[0] != query.id:
            continue  # a late answer to an earlier question
        try:
            return dns.message.from_wire(data, ignore_trailing=True, raise_on_truncation=False)
        except dns.exception.TooBig as error:
            raise OSError("answer too big") from error


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


def _interpret(query: dns.message.Message, message: dns.message.Message) -> Reply:
    import dns.rcode

    if not query.is_response(message):
        return Reply(Outcome.MALFORMED)
    if message.rcode() == dns.rcode.NXDOMAIN:
        return Reply(Outcome.NO_SUCH_NAME)
    if message.rcode() != dns.rcode.NOERROR:
        return Reply(Outcome.SERVER_FAILED)
    values = _values(query, message)
    return Reply(Outcome.ANSWERED, values) if values else Reply(Outcome.NO_RECORDS)


def _values(
    query: dns.message.Message, message: dns.message.Message
) -> tuple[tuple[int, str], ...]:
    """Follow aliases within the answer; a server that resolves for us sends all of them."""
    import dns.rdatatype

    question = query.question[0]
    name = question.name
    for _ in range(MAX_ALIASES):
        found = message.get_rrset(message.answer, name, question.rdclass, question.rdtype)
        if found is not None:
            kind = dns.rdatatype.to_text(question.rdtype)
            return tuple(_value(kind, record) for record in found)
        alias = message.get_rrset(message.answer, name, question.rdclass, dns.rdatatype.CNAME)
        if alias is None:
            return ()
        name = alias[0].target
    return ()


def _value(kind: str, record: Any) -> tuple[int, str]:
    if kind == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True).rstrip(".")
    if kind == "TXT":
        return 0, b"".join(record.strings).decode("ascii", "replace")
    if kind in ("A", "AAAA"):
        return 0, record.address
    return 0, record.target.to_text(omit_final_dot=True)
