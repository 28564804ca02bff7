"""syslogd: what a datagram becomes in which file."""

from __future__ import annotations

import socket

import pytest

from labctl.node.base import sockets
from labctl.node.syslogd.program import Writer, receive, to_line

NOW = 1_762_200_000.0


@pytest.mark.parametrize(
    ("datagram", "path"),
    [
        pytest.param(b"<22>Nov  3 20:00:00 x: y", "/var/log/maillog", id="mail.info"),
        pytest.param(b"<18>Nov  3 20:00:00 x: y", "/var/log/maillog", id="mail.crit"),
        pytest.param(b"<37>Nov  3 20:00:00 x: y", "/var/log/auth.log", id="auth.notice"),
        pytest.param(b"<86>Nov  3 20:00:00 x: y", "/var/log/auth.log", id="authpriv.info"),
        pytest.param(b"no priority", "/var/log/messages", id="user.notice"),
    ],
)
def test_the_facility_decides_the_file(datagram, path):
    """The course looks for mail in maillog and for logins in auth.log."""
    assert to_line(datagram, "mx", NOW).path == path


def test_the_host_stands_between_date_and_text():
    """RFC 3164 4.1.2; the name without its domain, as syslogd has it."""
    line = to_line(b"<22>Nov  3 20:00:00 postfix/smtpd[7]: hello\n\0", "mx.example.test", NOW)

    assert line.data == b"Nov  3 20:00:00 mx postfix/smtpd[7]: hello\n"


def test_a_datagram_is_one_line():
    """Nobody may forge a line by sending a newline."""
    line = to_line(b"<22>Nov  3 20:00:00 x: one\nNov  3 two", "mx", NOW)

    assert line.data.count(b"\n") == 1


def test_who_sends_no_date_gets_the_time_of_arrival():
    """logger(1) of some systems leaves it out."""
    assert to_line(b"<22>x: y", "mx", NOW).data.endswith(b" mx x: y\n")


def test_all_that_has_come_is_written(tmp_path, monkeypatch):
    """A burst of lines must not wait for the next event."""
    monkeypatch.setattr("labctl.node.syslogd.program.FILES", {2: str(tmp_path / "maillog")})
    path, writer = str(tmp_path / "log"), Writer()
    with (
        sockets.listen_unix(path, datagrams=True) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client,
    ):
        client.connect(path)
        for number in range(3):
            client.send(f"<22>Nov  3 20:00:00 x: {number}".encode())
        receive(listener, writer)
    writer.close()

    assert (tmp_path / "maillog").read_text().count("\n") == 3
