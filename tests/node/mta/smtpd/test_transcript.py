"""The postmaster's copy of a session: what is kept, and which class an error has."""

import socket

import pytest

from labctl.node.mta.smtpd.dialogue import Dialogue
from labctl.node.mta.smtpd.transcript import Transcript, error_class
from labctl.node.wire.smtp import Reply


def test_both_sides_of_the_dialogue_are_kept():
    """The postmaster must see what the client did, without a packet trace."""
    transcript = Transcript()
    transcript.heard(b"HONK\r\n")
    transcript.said(Reply.of("500 5.5.2 Error: command not recognized"))

    assert transcript.lines == [
        " In:  HONK",
        " Out: 500 5.5.2 Error: command not recognized",
    ]
    assert transcript.errors == {"protocol"}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("554 5.7.1 <a@b.test>: Sender address rejected: Access denied", "policy"),
        ("454 4.7.1 <a@b.test>: Relay access denied", "policy"),
        ("452 4.3.1 Insufficient system storage", "resource"),
        ("451 4.3.5 Server configuration error", "software"),
        ("503 5.5.1 Error: need MAIL command", "protocol"),
        ("451 4.3.0 <ann@a.test>: Temporary lookup failure", "data"),
        ("451 4.3.5 <a@b.test>: Sender address rejected: Server configuration error", "policy"),
        ("550 5.1.1 <x@a.test>: Recipient address rejected: User unknown", "bounce"),
        ("554 5.4.0 Error: too many hops", "bounce"),
        ("552 5.3.4 Message size exceeds fixed limit", "policy"),
        ("550 5.7.1 no such subjects", "policy"),
        ("421 4.7.0 mx.test Error: too many errors", "protocol"),
        ("421 4.4.2 mx.test Error: timeout exceeded", ""),
        ("554 5.5.1 Error: no valid recipients", ""),
    ],
)
def test_classes_of_errors(reply, kind):
    """postconf(5) notify_classes: the postmaster chooses what to hear of."""
    assert error_class(Reply.of(reply)) == kind


def errors_after(talk, *lines: bytes) -> set[str]:
    """The classes that are left when the client has said all of it at once."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"".join(line + b"\r\n" for line in lines))
        theirs.shutdown(socket.SHUT_WR)
        dialogue = Dialogue(talk().session, ours)
        dialogue.run(None)
    return dialogue.transcript.errors


MESSAGE = (b"MAIL FROM:<>", b"RCPT TO:<bob@example.test>", b"DATA", b"", b"hello", b".")


def test_an_accepted_message_makes_good_for_earlier_errors(talk):
    """The postmaster is not told of a client that came to its end all the same."""
    assert errors_after(talk, b"EHLO x.test", b"HONK", *MESSAGE) == set()
    assert errors_after(talk, b"EHLO x.test", *MESSAGE, b"HONK") == {"protocol"}
