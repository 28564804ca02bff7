"""What servers answer, made into what we tell the sender."""

import pytest

from labctl.node.mta.smtp.reply import parse, refusal


def test_several_lines_become_one():
    """Log lines and reports show the whole reply on one line."""
    reply = parse(["250-2.1.5 multi", "250 2.1.5 line"])

    assert (reply.code, reply.status, reply.text) == (
        250,
        "2.1.5",
        "250-2.1.5 multi 250 2.1.5 line",
    )


@pytest.mark.parametrize(
    ("line", "status"),
    [
        pytest.param("552 5.2.2 full", "5.2.2", id="the server's own"),
        pytest.param("552 full", "5.0.0", id="made up from the code"),
        pytest.param("450 5.1.1 odd", "4.0.0", id="of another class than the code"),
        pytest.param("garbage", "5.5.0", id="no reply at all"),
    ],
)
def test_every_reply_has_an_enhanced_status(line, status):
    """RFC 3463 codes are what reports are made of."""
    assert parse([line]).status == status


@pytest.mark.parametrize(
    ("line", "action"), [("550 no", "failed"), ("450 later", "delayed"), ("what?", "delayed")]
)
def test_only_5xx_is_for_good(line, action):
    """Temporary unless proven permanent."""
    assert refusal(parse([line]), "said", "mx.example.test").action == action
