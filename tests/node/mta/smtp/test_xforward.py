"""Who the client was, told to the server behind a content filter."""

from labctl.node.mta.smtp.xforward import commands

CLIENT = {"client_name": "c.example.test", "client_address": "198.18.0.7", "helo_name": "c"}


def test_only_announced_attributes_are_sent():
    """A server that offers NAME alone gets NAME alone."""
    assert list(commands("NAME", CLIENT, "ABC")) == ["XFORWARD NAME=c.example.test"]


def test_two_commands_carry_everything():
    """The split is that of Postfix, so that no line grows too long."""
    assert list(commands("NAME ADDR PROTO HELO SOURCE PORT IDENT", CLIENT, "ABC")) == [
        "XFORWARD NAME=c.example.test ADDR=198.18.0.7",
        "XFORWARD HELO=c IDENT=ABC SOURCE=REMOTE",
    ]


def test_local_mail_has_no_client():
    """Only the source is known of what sendmail(1) submitted."""
    announced = "NAME ADDR PROTO HELO SOURCE PORT IDENT"

    assert list(commands(announced, {"rewrite_context": "local"}, "ABC")) == [
        "XFORWARD SOURCE=LOCAL"
    ]


def test_what_an_earlier_hop_said_goes_first():
    """Behind two filters the first client is still the client."""
    attributes = {**CLIENT, "log_client_name": "first.example.test"}

    assert next(iter(commands("NAME", attributes, "A"))) == "XFORWARD NAME=first.example.test"
