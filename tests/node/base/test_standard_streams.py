"""One client on two descriptors, as inetd hands it over."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from labctl.node.base.standard_streams import Signalled, StandardStreams, identify


@pytest.fixture
def pair() -> Iterator[tuple[StandardStreams, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield StandardStreams(ours.fileno(), ours.fileno()), theirs


def test_lines_come_one_by_one_however_they_were_sent(pair):
    """TCP does not keep the boundaries of what was written."""
    streams, client = pair
    client.sendall(b"one\r\ntwo\nthr")
    client.sendall(b"ee\r\n")

    assert [streams.read_line(1, limit=100) for _ in range(3)] == [b"one", b"two", b"three"]


def test_a_line_that_is_too_long_is_cut_and_skipped(pair):
    """A client must not be able to fill the memory."""
    streams, client = pair
    client.sendall(b"x" * 500 + b"\r\nnext\r\n")

    assert streams.read_line(1, limit=100) == b"x" * 100
    streams.skip_line(1)
    assert streams.read_line(1, limit=100) == b"next"


def test_what_was_written_is_sent_before_a_wait(pair):
    """Nobody answers a question that he has not heard."""
    streams, client = pair
    streams.write(b"+ go on\r\n")
    with pytest.raises(TimeoutError):
        streams.read_line(0.01, limit=100)

    assert client.recv(100) == b"+ go on\r\n"


def test_the_end_of_the_connection_is_told(pair):
    """It is not a line of no characters."""
    streams, client = pair
    client.close()

    with pytest.raises(EOFError):
        streams.read_line(1, limit=100)


def test_a_signal_ends_the_wait_and_not_the_work(pair):
    """The kiss of death comes between two commands, never within one."""
    streams, _client = pair
    before = signal.getsignal(signal.SIGUSR2)
    try:
        streams.heed([signal.SIGUSR2])
        os.kill(os.getpid(), signal.SIGUSR2)
        with pytest.raises(Signalled) as caught:
            streams.read_line(5, limit=100)
    finally:
        signal.signal(signal.SIGUSR2, before)
        signal.set_wakeup_fd(-1)

    assert caught.value.number == signal.SIGUSR2


def test_a_client_on_a_pipe_has_no_address():
    """Somebody types into the daemon by hand."""
    reader, writer = os.pipe()
    try:
        peer = identify(reader)
    finally:
        os.close(reader)
        os.close(writer)

    assert (peer.address, peer.described) == ("", "UNKNOWN")
