"""Questions over sockets: servers in turn, late answers, long answers, aliases."""

from __future__ import annotations

import socket
import struct
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from labctl.node.mta.lib.dns.resolv_conf import ResolverOptions
from labctl.node.mta.lib.dns.transport import Outcome, Reply, ask

PATIENCE = 5.0


def made_of(*records):
    """An answer with these records, whatever was asked."""

    def answer(query):
        response = dns.message.make_response(query)
        for record in records:
            owner, kind, data = record.split(" ", 2)
            response.answer.append(dns.rrset.from_text(owner, 60, "IN", kind, data))
        return [response]

    return answer


def failed(code):
    def answer(query):
        response = dns.message.make_response(query)
        response.set_rcode(code)
        return [response]

    return answer


def cut(query):
    """What does not fit into a datagram."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    return [response]


def late(query):
    """First the answer to somebody's earlier question."""
    wanted = made_of("a.test. A 198.18.0.1")(query)
    stale = dns.message.make_response(dns.message.make_query("a.test", "A"))
    stale.id = (query.id + 1) % 65536
    return [stale, *wanted]


@pytest.fixture
def server():
    """Start name servers; each answers one datagram, and one stream if it has words for it."""
    threads, sockets = [], []

    def run(serve):
        threads.append(threading.Thread(target=serve))
        threads[-1].start()

    def start(answer, over_stream=None):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("127.0.0.1", 0))
        port = datagrams.getsockname()[1]
        stream = socket.create_server(("127.0.0.1", port))
        for one in (datagrams, stream):
            one.settimeout(PATIENCE)
            sockets.append(one)

        def serve_datagram():
            data, peer = datagrams.recvfrom(512)
            for response in answer(dns.message.from_wire(data)):
                datagrams.sendto(response.to_wire(), peer)

        def serve_stream():
            with stream.accept()[0] as client:
                query = dns.message.from_wire(client.recv(512)[2:])
                data = over_stream(query)[0].to_wire()
                client.sendall(struct.pack("!H", len(data)) + data[:20])
                client.sendall(data[20:])

        run(serve_datagram)
        if over_stream:
            run(serve_stream)
        return f"[127.0.0.1]:{port}"

    yield start
    for thread in threads:
        thread.join(PATIENCE)
    for one in sockets:
        one.close()


def question(kind, *servers, name="a.test", timeout=PATIENCE):
    options = ResolverOptions(servers, timeout, 1)
    return ask(name, kind, options, time.monotonic() + PATIENCE)


def test_an_answer_has_the_values_in_their_order(server):
    """The order of a zone file shows in a lab."""
    answer = made_of("a.test. MX 20 b.test.", "a.test. MX 10 c.test.")

    reply = question("MX", server(answer))
    assert reply == Reply(Outcome.ANSWERED, ((20, "b.test"), (10, "c.test")))


def test_an_answer_that_was_cut_is_asked_for_again_over_tcp(server):
    """RFC 1035 4.2.2: a domain may have thirty mail exchangers."""
    everything = made_of(*(f"a.test. MX {n} mail{n}.a.test." for n in range(30)))

    reply = question("MX", server(cut, everything))
    assert len(reply.values) == 30


def test_a_late_answer_to_something_else_is_not_ours(server):
    """It would be taken for the truth about another name."""
    assert question("A", server(late)).values == ((0, "198.18.0.1"),)


def test_aliases_are_followed_within_the_answer(server):
    """A server that recurses sends the whole chain."""
    chain = ("a.test. CNAME B.test.", "b.test. CNAME c.test.", "c.test. A 198.18.0.3")

    assert question("A", server(made_of(*chain))).values == ((0, "198.18.0.3"),)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (made_of("a.test. CNAME b.test.", "b.test. CNAME a.test."), Outcome.LOOP),
        (made_of("a.test. CNAME b.test."), Outcome.NO_RECORDS),
        (made_of(), Outcome.NO_RECORDS),
        (failed(dns.rcode.NXDOMAIN), Outcome.NO_SUCH_NAME),
        (failed(dns.rcode.SERVFAIL), Outcome.SERVER_FAILED),
        (lambda query: [query], Outcome.MALFORMED),
    ],
)
def test_no_answer_has_a_reason(server, answer, outcome):
    """Whether mail waits or bounces hangs on it."""
    assert question("A", server(answer)).outcome is outcome


def test_the_next_server_is_asked_when_one_fails(server):
    """resolv.conf(5): nameserver lines are tried in their order."""
    first, second = server(failed(dns.rcode.REFUSED)), server(made_of("a.test. A 198.18.0.1"))

    assert question("A", first, second).outcome is Outcome.ANSWERED


def test_silence_ends_at_the_deadline(server):
    """A dead name server must not hold up a delivery for longer than resolv.conf says."""
    reply = question("A", server(lambda query: []), timeout=0.05)

    assert reply.outcome is Outcome.NO_REPLY


def test_what_is_no_name_is_nobodys():
    """No server is asked about it."""
    assert question("A", name="x" * 64).outcome is Outcome.NO_SUCH_NAME
