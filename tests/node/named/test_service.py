"""The name server on real sockets of the loopback interface."""

import os
import signal
import socket
import threading

import dns.message
import dns.query
import dns.rcode
import pytest

from labctl.node.base.log import Log
from labctl.node.named.service import Server

ZONE = """
$TTL 60
@ SOA ns hostmaster {serial} 3600 900 604800 300
@ NS ns
ns A 198.18.0.2
mx A {address}
"""


class Names:
    """A running server, and the files that it reads."""

    def __init__(self, directory):
        self.directory = directory
        self.write(1, "198.18.0.10")
        conf = directory / "named.conf"
        conf.write_text(
            f'options {{ directory "{directory}"; listen-on {{ 127.0.0.1; }}; }};\n'
            'zone "example.test" { type master; file "zone"; };\n'
        )
        log = Log("named", path=str(directory / "log"))
        self.server = Server(str(conf), log, port=0)

    def write(self, serial, address):
        text = ZONE.format(serial=serial, address=address)
        (self.directory / "zone").write_text(text)

    @property
    def port(self):
        return self.server.listeners[0].getsockname()[1]

    def log(self):
        return (self.directory / "log").read_text()

    def during(self, work):
        """Do ``work`` in a thread while the server runs in this one."""
        outcome = []

        def then_stop():
            try:
                outcome.append(work())
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        thread = threading.Thread(target=then_stop)
        thread.start()
        self.server.run()
        thread.join()
        return outcome[0]


@pytest.fixture
def names(tmp_path):
    before = {number: signal.getsignal(number) for number in (1, 2, 15, signal.SIGCONT)}
    names = Names(tmp_path)
    names.server.start()
    yield names
    names.server.close()
    for number, handler in before.items():
        signal.signal(number, handler)


def address(response):
    return response.answer[0][0].address


def test_the_same_answer_comes_over_udp_and_tcp(names):
    """RFC 7766: a server has to serve both."""
    query = dns.message.make_query("mx.example.test", "A")

    def ask_twice():
        udp = dns.query.udp(query, "127.0.0.1", port=names.port, timeout=5)
        tcp = dns.query.tcp(query, "127.0.0.1", port=names.port, timeout=5)
        return address(udp), address(tcp)

    assert names.during(ask_twice) == ("198.18.0.10", "198.18.0.10")


def test_one_connection_takes_several_questions_in_any_pieces(names):
    """RFC 7766 6.2.1: clients send the next question without waiting."""
    first = dns.message.make_query("mx.example.test", "A").to_wire()
    second = dns.message.make_query("none.example.test", "A").to_wire()
    data = b"".join(len(wire).to_bytes(2, "big") + wire for wire in (first, second))

    def dribble():
        with socket.create_connection(("127.0.0.1", names.port), timeout=5) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in data:
                client.send(bytes([byte]))
            with client.makefile("rb") as file:
                replies = [file.read(int.from_bytes(file.read(2), "big")) for _ in range(2)]
        return [dns.message.from_wire(reply).rcode() for reply in replies]

    assert names.during(dribble) == [dns.rcode.NOERROR, dns.rcode.NXDOMAIN]


def test_a_reload_forgets_old_answers(names):
    """The student who edited the zone wants to see it now."""
    query = dns.message.make_query("mx.example.test", "A").to_wire()
    before = names.server.answer(query, stream=False)
    names.write(2, "198.18.0.99")
    names.server.reload()
    after = names.server.answer(query, stream=False)

    assert address(dns.message.from_wire(before)) == "198.18.0.10"
    assert address(dns.message.from_wire(after)) == "198.18.0.99"
    assert "zone example.test/IN: loaded serial 2" in names.log()


def test_a_broken_zone_keeps_the_old_one_in_service(names):
    """A typing error must not take a whole lab off the net."""
    (names.directory / "zone").write_text("nonsense")
    names.server.reload()
    query = dns.message.make_query("mx.example.test", "A").to_wire()

    assert names.server.answer(query, stream=False) is not None
    assert address(dns.message.from_wire(names.server.answer(query, stream=False)))
    assert "zone example.test/IN: loading from master file" in names.log()
