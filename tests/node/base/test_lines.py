"""Reading lines from a socket: whole lines, limits, the end, silence."""

from __future__ import annotations

import socket
import time

import pytest

from labctl.node.base.lines import LineReader


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_pipelined_lines_come_one_by_one(pair):
    """RFC 2920: a client sends several commands in one packet."""
    reader = LineReader(pair[0], timeout=5)
    pair[1].sendall(b"MAIL\r\nRCPT\r\nDA")

    assert reader.read_line() == b"MAIL\r\n"
    assert reader.read_line() == b"RCPT\r\n"
    assert reader.buffered == 2


def test_a_long_line_comes_in_pieces(pair):
    """A client must not fill our memory with one line."""
    reader = LineReader(pair[0], timeout=5, limit=4)
    pair[1].sendall(b"abcdefg\n")

    assert [reader.read_line(), reader.read_line()] == [b"abcd", b"efg\n"]


def test_the_end_is_an_error_only_when_nothing_is_left(pair):
    """The last line of a file may come without its line ending."""
    reader = LineReader(pair[0], timeout=5)
    pair[1].sendall(b"last")
    pair[1].close()

    assert reader.read_line() == b"last"
    with pytest.raises(EOFError):
        reader.read_line()


def test_silence_has_an_end(pair):
    """A client that says nothing must not hold a process for ever."""
    with pytest.raises(TimeoutError):
        LineReader(pair[0], timeout=0.01).read_line()


def test_a_peer_that_does_not_read_is_silence_too(pair):
    """Replies that nobody takes must not hold a process for ever."""
    with pytest.raises(TimeoutError):
        LineReader(pair[0], timeout=0.01).send_all(bytes(10_000_000))


def test_a_look_at_what_has_arrived_does_not_wait(pair):
    """Also when somebody has given the socket a patience of his own."""
    pair[0].settimeout(5)
    reader = LineReader(pair[0], timeout=5)
    began = time.monotonic()

    assert reader.peek() == b""
    assert time.monotonic() - began < 2


def test_a_deadline_holds_for_all_reads_together(pair):
    """One byte a second is silence too, if nobody counts the whole."""
    reader = LineReader(pair[0], timeout=5)
    reader.deadline = 0.0

    with pytest.raises(TimeoutError, match="deadline"):
        reader.read_line()


def test_content_comes_in_large_pieces(pair):
    """Mail content is not read line by line."""
    reader = LineReader(pair[0], timeout=5)
    pair[1].sendall(b"DATA\r\none\r\ntwo\r\n")
    reader.read_line()
    reader.unread(b"zero\r\n")

    assert reader.read_some() == b"zero\r\none\r\ntwo\r\n"
