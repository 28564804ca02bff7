"""The postmaster's copy of a session: what is kept, and which class an error has."""

import pytest

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
    ],
)
def test_classes_of_errors(reply, kind):
    """postconf(5) notify_classes: the postmaster chooses what to hear of."""
    assert error_class(Reply.of(reply)) == kind
