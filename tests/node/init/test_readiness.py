"""Readiness is a protocol answer, and waiting for it has an end."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from labctl.node.base import sockets
from labctl.node.base.events import EventLoop
from labctl.node.init import readiness
from labctl.node.init.inittab import Probe
from labctl.node.init.readiness import Watch


@pytest.fixture
def loop():
    loop = EventLoop()
    yield loop
    loop.close()


def outcome(loop, probe, patience=5.0):
    """Watch until it is decided; "" is success."""
    reasons = []
    Watch(loop, probe, patience, reasons.append)
    while not reasons:
        loop.run_once(5)
    return reasons[0]


def greet(listener, text):
    """A server that says one line to its first client, and listens to the answer."""

    def serve():
        listener.settimeout(5)
        client, _ = listener.accept()
        with client:
            client.sendall(text)
            client.settimeout(5)
            client.recv(100)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_a_greeting_is_an_answer(loop):
    """smtpd is ready when it says 220, not when its port is open."""
    with sockets.listen_inet("127.0.0.1", 0) as listener:
        server = greet(listener, b"220 mx.example.test ESMTP\r\n")
        probe = Probe("smtp", "127.0.0.1", listener.getsockname()[1])

        assert outcome(loop, probe) == ""
        server.join()


def test_a_wrong_greeting_is_not(loop):
    """A daemon that refuses everybody is not ready."""
    with sockets.listen_inet("127.0.0.1", 0) as listener:
        server = greet(listener, b"421 too busy\r\n")
        probe = Probe("smtp", "127.0.0.1", listener.getsockname()[1])

        assert "unexpected answer: b'421 too busy" in outcome(loop, probe, 0.0)
        server.join()


def test_a_closed_port_is_tried_again_until_the_deadline(loop):
    """The reason must be in the message: that is all the user sees."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        reason = outcome(loop, Probe("tcp", "127.0.0.1", port), 0.03)
    assert reason == f"tcp=127.0.0.1:{port}: Connection refused"


def test_a_local_socket_is_ready_when_it_can_be_reached(loop, tmp_path):
    """Programs log from their first moment on."""
    with sockets.listen_unix(str(tmp_path / "log"), datagrams=True):
        assert outcome(loop, Probe("unix", str(tmp_path / "log"))) == ""


def test_only_an_authoritative_answer_shows_that_a_zone_is_served():
    """A name server that has not read the zone yet refuses, or knows nothing."""
    probe = Probe("dns", "198.18.0.2", 53, "example.test")
    number = struct.unpack_from(">H", readiness.query("example.test"))[0]
    good = struct.pack(">6H", number, 0x8400, 1, 1, 0, 0)
    refused = struct.pack(">6H", number, 0x8005, 1, 0, 0, 0)
    not_ours = struct.pack(">6H", number, 0x8000, 1, 1, 0, 0)

    assert readiness.is_authoritative(good, probe)
    assert not readiness.is_authoritative(refused, probe)
    assert not readiness.is_authoritative(not_ours, probe)


def test_the_question_is_for_the_start_of_authority():
    """RFC 1035 4.1.2."""
    assert readiness.query("example.test")[12:] == b"\x07example\x04test\x00\x00\x06\x00\x01"
