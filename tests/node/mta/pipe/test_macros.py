"""The arguments of commands of pipe(8)."""

import pytest

from labctl.node.base.accounts import Account
from labctl.node.mta.lib.delivery.mail_copy import Copy
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.delivery_request import DeliveryRequest, Times
from labctl.node.mta.pipe import macros
from labctl.node.mta.pipe.attributes import Attributes, Flag, unescape
from labctl.node.mta.pipe.copy import compose

NOBODY = Account("nobody", 65534, 65534, "/", "", "", (65534,))
RECIPIENTS = (Recipient("Bob+News@Example.test"), Recipient("two words@example.test"))
REQUEST = DeliveryRequest(
    "active", "3F", 0, 42, "", "Next.test", RECIPIENTS, Times(0, 0, 0), attributes={}
)


def arguments(*argv, flags=""):
    attributes = Attributes(NOBODY, argv, frozenset(map(Flag, flags)))
    each = [macros.recipient_values(rcpt, attributes, "+") for rcpt in RECIPIENTS]
    return macros.expand(argv, macros.message_values(REQUEST, attributes), each)


def test_an_argument_that_names_a_recipient_is_repeated_for_each():
    """One run of the command serves all recipients of a message."""
    assert arguments("x", "to=${recipient}", "$size") == [
        "x",
        "to=Bob+News@Example.test",
        "to=two words@example.test",
        "42",
    ]


def test_flags_fold_and_quote():
    """Commands written for lower case, or for quoted addresses, get what they expect."""
    assert arguments("${user}/${extension}", "$nexthop", flags="hu") == [
        "bob/news",
        "two words/",
        "next.test",
    ]
    assert arguments("$recipient", flags="q")[1] == '"two words"@example.test'


def test_the_null_sender_has_a_name():
    """A command line cannot show an empty address to a script that counts arguments."""
    assert arguments("$sender") == ["MAILER-DAEMON"]


def test_a_macro_that_is_none_stops_the_service():
    """Running half of a command line would do something that nobody wrote."""
    with pytest.raises(macros.UnknownMacro, match="bogus"):
        arguments("${bogus}")


@pytest.mark.parametrize(
    ("flags", "end", "text"),
    [
        pytest.param("", "\\n", b"Subject: x\n\nFrom me\n.\n", id="as it is"),
        pytest.param(">.", "\\n", b"Subject: x\n\n>From me\n..\n", id="quoted"),
        pytest.param("B", "\\r\\n", b"Subject: x\r\n\r\nFrom me\r\n.\r\n\r\n", id="CRLF"),
        pytest.param(
            "R",
            "\\n",
            b"Return-Path: <ann@x.test>\nSubject: x\n\nFrom me\n.\n",
            id="return path",
        ),
    ],
)
def test_flags_shape_the_message(flags, end, text):
    """Each command says in master.cf what it wants to read."""
    attributes = Attributes(NOBODY, ("x",), frozenset(map(Flag, flags)), "", unescape(end))
    copy = Copy("ann@x.test", "", "bob@x.test", 0.0)

    assert compose(copy, b"Subject: x\n\nFrom me\n.\n", attributes) == text
