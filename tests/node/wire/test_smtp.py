"""SMTP command lines, replies, and what stands inside of them."""

import pytest

from labctl.node.wire import hostnames, smtp, xtext
from labctl.node.wire.smtp import Reply


@pytest.mark.parametrize(
    ("line", "verb", "argument"),
    [
        ("mail from:<a@b>", "MAIL", "from:<a@b>"),
        ("  NOOP  ", "NOOP", ""),
        ("RCPT\tTO:<a@b>", "RCPT", "TO:<a@b>"),
        ("", "", ""),
    ],
)
def test_a_command_is_a_verb_and_the_rest(line, verb, argument):
    """Case and white space around it mean nothing."""
    assert smtp.parse_command(line) == (verb, argument)


def test_replies_of_several_lines_are_marked_with_hyphens():
    """RFC 5321 4.2.1: the client reads on until a line without one."""
    assert Reply(250, "", ("mx.test", "SIZE", "DSN")).encode() == (
        b"250-mx.test\r\n250-SIZE\r\n250 DSN\r\n"
    )


def test_a_reply_never_breaks_its_line():
    """A table entry with a line end must not become a second reply."""
    assert Reply(550, "5.7.1", ("a\r\nb",)).encode() == b"550 5.7.1 a  b\r\n"


def test_long_replies_are_cut():
    """RFC 5321 4.5.3.1.5: a client may have room for 512 bytes."""
    assert len(Reply(550, "5.7.1", ("x" * 600,)).encode()) == 512


def test_soft_bounce_turns_permanent_errors_into_temporary_ones():
    """postconf(5) soft_bounce: while one experiments, no mail shall be lost."""
    assert str(Reply.of("550 5.7.1 no").softened()) == "450 4.7.1 no"
    assert str(Reply.of("250 2.1.0 Ok").softened()) == "250 2.1.0 Ok"


@pytest.mark.parametrize("text", ["plain", "a+b=c d", "äöü", "tab\there"])
def test_xtext_goes_there_and_back(text):
    """RFC 3461 4: what a parameter cannot hold is written in hexadecimal."""
    assert xtext.decode(xtext.encode(text)) == text
    assert " " not in xtext.encode(text)


@pytest.mark.parametrize("text", ["a+zz", "a+", "+4", "a\x07b"])
def test_broken_xtext_is_refused(text):
    """Half of an escape has no meaning."""
    with pytest.raises(ValueError, match="not xtext"):
        xtext.decode(text)


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("mx.example.test", True),
        ("under_score.test", True),
        ("a-b.test", True),
        ("-a.test", False),
        ("a-.test", False),
        ("a..test", False),
        ("", False),
        ("198.18.0.1", False),
        ("x" * 64 + ".test", False),
    ],
)
def test_host_names(name, valid):
    """RFC 1123 2.1, with the underscores of real life."""
    assert hostnames.is_hostname(name) is valid


@pytest.mark.parametrize(
    ("literal", "address"),
    [
        ("[198.18.0.1]", "198.18.0.1"),
        ("[IPv6:2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]", None),
        ("[999.0.0.1]", None),
        ("198.18.0.1", None),
    ],
)
def test_address_literals(literal, address):
    """RFC 5321 4.1.3: brackets, and a tag for IPv6."""
    assert hostnames.literal_address(literal) == address
