"""Log lines are an interface: their form, their file, their datagram."""

from __future__ import annotations

import os
import re
import socket

from labctl.node.base.log import Log, timestamp


def test_a_line_has_the_form_of_syslog(tmp_path):
    """Every tool that reads a Postfix log must read ours."""
    path = tmp_path / "maillog"
    Log("smtpd", syslog_name="postfix", path=str(path)).info("connect from unknown[198.18.0.1]")

    line = path.read_text()
    form = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ postfix/smtpd\[\d+\]: connect from .*\n"
    assert re.fullmatch(form, line)


def test_severities_are_words_in_the_line(tmp_path):
    """Postfix writes them into the text, and scripts look for them."""
    path = tmp_path / "maillog"
    log = Log("qmgr", syslog_name="postfix", path=str(path))
    log.warning("one")
    log.error("two")
    log.fatal("three")

    texts = [line.split("]: ")[1] for line in path.read_text().splitlines()]
    assert texts == ["warning: one", "error: two", "fatal: three"]


def test_a_sibling_writes_to_the_same_file(tmp_path):
    """A daemon with its own syslog_name in master.cf shares master's open file."""
    path = tmp_path / "maillog"
    log = Log("master", syslog_name="postfix", path=str(path)).open()
    log.named("smtp", syslog_name="postfix/relay").info("x")

    assert f"postfix/relay/smtp[{os.getpid()}]: x" in path.read_text()


def test_who_may_not_write_the_file_hands_over_the_line(tmp_path):
    """A user's sendmail cannot open maillog_file; postlogd writes its lines."""
    postlog = tmp_path / "postlog"
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(str(postlog))
    receiver.settimeout(5)
    log = Log("sendmail", path=str(tmp_path / "no" / "maillog"), socket=str(postlog))
    log.fatal("usage")

    datagram = receiver.recv(4096).decode()
    receiver.close()
    log.sink.close()
    assert re.fullmatch(r"<18>.{15} sendmail\[\d+\]: fatal: usage", datagram)


def test_a_day_below_ten_is_padded_with_a_space():
    """RFC 3164 4.1.2: a zero there would break whoever cuts columns."""
    assert timestamp(1_762_200_000.0).startswith("Nov  3 ")


def test_a_line_has_a_limit(tmp_path):
    """What a command has printed is in the bounce; the log is for looking through."""
    path = tmp_path / "maillog"
    Log("smtpd", path=str(path)).warning("x" * 5000)

    assert path.read_text().rstrip("\n").endswith(": warning: " + "x" * 2000)
