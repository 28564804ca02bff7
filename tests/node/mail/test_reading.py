"""A reader of mail, command by command."""

import pytest

from labctl.node.mail.mailbox import parse, with_status
from labctl.node.mail.reading import Reader
from labctl.node.mail.sending import Draft, header_lines

MBOX = b"""\
From ann@example.test  Mon Nov 23 01:54:43 2026
Return-Path: <ann@example.test>
From: Ann <ann@example.test>
Subject: one

body one
>From x

From bob@example.test  Mon Nov 23 01:55:43 2026
Subject: two
Status: O

body two

"""


@pytest.fixture
def reader():
    reader = Reader("/var/mail/eve", parse(MBOX))
    reader.greeting()
    return reader


def test_the_greeting_counts_new_and_unread():
    """Scripts grep for it."""
    greeting = Reader("/var/mail/eve", parse(MBOX)).greeting()

    assert greeting.splitlines() == [
        '"/var/mail/eve": 2 messages 1 new 2 unread',
        ">N  1 ann@example.test   Mon Nov 23 01:54    8/141   one",
        " U  2 bob@example.test   Mon Nov 23 01:55    6/82    two",
    ]


def test_a_message_is_shown_without_uninteresting_headers(reader):
    """/etc/mail.rc names those."""
    shown = reader.command("1")

    assert shown.startswith(
        "Message 1:\nFrom ann@example.test  Mon Nov 23 01:54:43 2026\nFrom: "
    )
    assert "Return-Path" not in shown
    assert shown.endswith("body one\n>From x\n\n")


def test_enter_shows_one_message_after_the_other(reader):
    """The first Enter shows where the reader stands."""
    assert [reader.command("").partition("\n")[0] for _ in range(3)] == [
        "Message 1:",
        "Message 2:",
        "At EOF",
    ]


def test_deleted_messages_are_out_of_the_list_until_undeleted(reader):
    """d and u."""
    reader.command("d 1")
    assert "one" not in reader.command("h")
    reader.command("u 1")
    assert "one" in reader.command("h")


def test_wrong_numbers_and_words_are_named(reader):
    """And change nothing."""
    assert reader.command("99") == "99: Invalid message number\n"
    assert reader.command("bogus") == 'Unknown command: "bogus"\n'


def test_what_stays_is_not_new_next_time():
    """The Status header remembers."""
    first, second = (with_status(message) for message in parse(MBOX))

    assert b"Subject: one\nStatus: O\n\nbody" in first
    assert second.count(b"Status: ") == 1


def test_headers_of_a_draft_in_the_order_of_mailx():
    """-a Content-Type replaces ours."""
    draft = Draft(["b@x", "a@x"], "s", ["c@x"], headers=["Content-Type: text/html"])

    assert list(header_lines(draft, "UTF-8")) == [
        "To: a@x, b@x",
        "Subject: s",
        "Cc: c@x",
        "Content-Type: text/html",
        "MIME-Version: 1.0",
        "Content-Transfer-Encoding: 8bit",
    ]


def test_a_listing_fits_the_screen():
    """Long names and subjects are cut, so that columns stay columns."""
    mbox = b"From x@y.test  Mon Nov 23 01:54:43 2026\nFrom: mailer-daemon@alpha.test\nSubject: "
    line = Reader("x", parse(mbox + b"word " * 30 + b"\n\nx\n")).listing(range(1))

    assert line.startswith(">N  1 mailer-daemon@alp  Mon Nov 23 01:54    5/")
    assert len(line) == 81
