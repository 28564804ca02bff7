"""postlogd: a user's line in the file that only root may write."""

from __future__ import annotations

from labctl.node.mta.postlogd.service import with_host


def test_a_datagram_becomes_a_line_of_the_file():
    """It must look like the lines of those who write the file themselves."""
    datagram = b"<18>Nov  3 20:00:00 postfix/sendmail[7]: fatal: usage"

    assert with_host(datagram, "mx.example.test") == (
        b"Nov  3 20:00:00 mx postfix/sendmail[7]: fatal: usage\n"
    )


def test_what_is_no_log_line_is_not_written():
    """Anybody can reach the socket."""
    assert with_host(b"hello", "mx") is None


def test_a_datagram_cannot_forge_a_second_line():
    """A student would be blamed for what another one has written."""
    datagram = b"<18>Nov  3 20:00:00 x: one\nNov  3 20:00:00 mx x: two\0"

    assert with_host(datagram, "mx").count(b"\n") == 1
