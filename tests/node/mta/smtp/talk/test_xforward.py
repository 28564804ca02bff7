"""Who the client was, told to the server behind a content filter."""

from labctl.node.mta.smtp.talk.xforward import commands

CLIENT = {"client_name": "c.example.test", "client_address": "198.18.0.7", "helo_name": "c"}


def lines(announced, attributes):
    return [command.line for command in commands(announced, attributes, "ABC")]


def test_only_announced_attributes_are_sent():
    """A server that offers NAME alone gets NAME alone."""
    assert lines("NAME", CLIENT) == ["XFORWARD NAME=c.example.test"]


def test_two_commands_carry_everything():
    """The split is that of Postfix, so that no line grows too long."""
    assert lines("NAME ADDR PROTO HELO SOURCE PORT IDENT", CLIENT) == [
        "XFORWARD NAME=c.example.test ADDR=198.18.0.7",
        "XFORWARD HELO=c IDENT=ABC SOURCE=REMOTE",
    ]


def test_local_mail_has_no_client():
    """Only the source is known of what sendmail(1) submitted."""
    announced = "NAME ADDR PROTO HELO SOURCE PORT IDENT"

    assert lines(announced, {"rewrite_context": "local"}) == ["XFORWARD SOURCE=LOCAL"]


def test_what_an_earlier_hop_said_goes_first():
    """Behind two filters the first client is still the client."""
    attributes = {**CLIENT, "log_client_name": "first.example.test"}

    assert lines("NAME", attributes) == ["XFORWARD NAME=first.example.test"]


def test_a_client_without_a_name_is_not_called_unknown():
    """ "unknown" is what our log says, not what the client is called."""
    attributes = {"client_name": "unknown", "client_address": "198.18.0.7"}

    assert lines("NAME ADDR", attributes) == ["XFORWARD ADDR=198.18.0.7"]
