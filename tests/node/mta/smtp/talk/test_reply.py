"""What servers answer, made into what we tell the sender."""

import pytest

from labctl.node.mta.smtp.talk.reply import is_last, parse, refusal


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
        pytest.param("552  5.2.2  full", "5.2.2", id="more blanks than one"),
        pytest.param("552 5.2.2.1 full", "5.0.0", id="four numbers"),
        pytest.param("354 go", "5.5.0", id="out of place"),
        pytest.param("garbage", "5.5.0", id="no reply at all"),
    ],
)
def test_every_reply_has_an_enhanced_status(line, status):
    """RFC 3463 codes are what reports are made of."""
    assert parse([line]).status == status


@pytest.mark.parametrize(
    ("line", "action"), [("550 no", "failed"), ("450 later", "delayed"), ("650 what", "failed")]
)
def test_only_4xx_is_tried_again(line, action):
    """A server that answers out of protocol would do so again."""
    assert refusal(parse([line]), "said", "mx.example.test").action == action


def test_yes_where_only_no_makes_sense_is_a_protocol_error():
    """250 to DATA: the message would be taken for commands."""
    status = refusal(parse(["250 odd"]), "host said: 250 odd", "mx.example.test")

    assert (status.status, status.reason) == ("5.5.0", "Protocol error: host said: 250 odd")


@pytest.mark.parametrize(
    ("line", "last"),
    [("250 ok", True), ("250", True), ("250-more", False), ("2500 what", False), ("", False)],
)
def test_a_reply_ends_with_a_code_and_a_blank(line, last):
    """RFC 5321 4.2.1; what is neither this nor a continuation is garbage, and skipped."""
    assert is_last(line) is last
