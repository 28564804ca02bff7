"""sendmail -bs: SMTP with somebody at the standard streams."""

import os

import pytest

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtpd import stand_alone

DIALOGUE = b"""EHLO me
MAIL FROM:<ann@x.test>
RCPT TO:<stranger@far.test>
DATA
Subject: x

text
.
QUIT
"""


@pytest.fixture
def converse(tmp_path):
    (tmp_path / "maildrop").mkdir()

    def converse(text, **settings):
        ours, theirs = os.pipe(), os.pipe()
        os.write(ours[1], text)
        os.close(ours[1])
        config = Config({"queue_directory": str(tmp_path), "myhostname": "h.test", **settings})
        stand_alone.serve_standard_streams(
            config, Log("smtpd", path=os.devnull), (ours[0], theirs[1])
        )
        os.close(theirs[1])
        with open(theirs[0], "rb") as replies:
            return [line[:3] for line in replies.read().decode().splitlines() if line[3] == " "]

    return converse


def test_mail_goes_to_maildrop_without_any_service(converse, tmp_path):
    """The caller may not talk to the services of the mail system, and need not."""
    replies = converse(DIALOGUE, smtpd_recipient_restrictions="reject")
    (file,) = (tmp_path / "maildrop").iterdir()

    assert replies == ["220", "250", "250", "250", "354", "250", "221"]
    assert b"\x11stranger@far.test" in file.read_bytes()
    assert b"Received: from me (localhost [127.0.0.1])" in file.read_bytes()


def test_a_message_without_its_end_never_was(converse, tmp_path):
    """Whoever hangs up in the middle has changed his mind."""
    assert converse(DIALOGUE.partition(b".\nQUIT")[0])[-1] == "354"
    assert list((tmp_path / "maildrop").iterdir()) == []
