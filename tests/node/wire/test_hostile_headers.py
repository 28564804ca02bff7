"""Header values and MIME structures that nobody meant to be read: no crash, bounded work."""

import time

from hypothesis import given
from hypothesis import strategies as st

from labctl.node.mta.rewrite.standard import Rules, standard_form
from labctl.node.wire import address_tokens
from labctl.node.wire.header_addresses import Type, fold, parse, requoted, rewrite, unparse
from labctl.node.wire.mime import Fault, Limits, Parser
from labctl.node.wire.mime_fields import parse_content_type, parse_encoding

ALL = Limits(unwanted=frozenset(Fault))
RULES = Rules("origin.test", "dom.test")
LISTS = st.text(st.sampled_from('ab.@<>,;:()[]"\\ \t\n%!|\xe9\udc80'), max_size=60)
CONTENT = st.lists(
    st.sampled_from(
        [
            b"",
            b" ",
            b"X: 1",
            b"\xff: 2",
            b"--b",
            b"--b--",
            b"--",
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: multipart/digest; boundary=c",
            b"Content-Type: message/rfc822",
            b"Content-Transfer-Encoding: base64",
            b"--c",
            b"\x80text",
        ]
    ),
    max_size=40,
)


class Collected:
    """A sink that keeps every octet."""

    def __init__(self):
        self.octets = []

    def header(self, header_class, header):
        self.octets.append(header)

    def end_of_header(self, header_class):
        pass

    def body(self, line, offset, *, more):
        assert offset >= 0
        self.octets.append(line)


def within(seconds, work):
    """The processor time that hostile input may cost."""
    begin = time.process_time()
    result = work()
    assert time.process_time() - begin < seconds
    return result


@given(LISTS)
def test_any_text_is_an_address_list(text):
    """What is not understood is kept; a second reading understands the same."""
    tokens = parse(text)
    changed = rewrite(tokens, lambda item: standard_form(item, RULES))
    lines = fold(f"To: {unparse(changed)}")

    assert all(line[:1] in (" ", "\t") for line in lines[1:])
    assert all(token.text for token in tokens if token.type is Type.ADDRESS)


@given(LISTS)
def test_the_quotes_of_a_local_part_settle(text):
    """Headers pass many hosts; each must leave what the one before has put right."""
    once = requoted("".join(letter for letter in text if letter not in "@\t\n"))

    assert requoted(once) == once


@given(LISTS)
def test_no_word_is_lost(text):
    """All letters of an address list come out again, in their order."""
    letters = [letter for letter in text if letter in "ab\xe9"]
    inside = address_tokens.external(address_tokens.scan(text))

    assert [letter for letter in inside if letter in "ab\xe9"] == letters


@given(CONTENT)
def test_every_line_of_a_message_comes_out(lines):
    """The structure is looked at; the content is not touched."""
    sink = Collected()
    parser = Parser(sink, ALL)
    for line in lines:
        parser.line(line)
    parser.finish()

    given_text = b"\n".join(line for line in lines if line.strip())
    assert (
        given_text.split(b"\n")
        == [line for item in sink.octets for line in item.split(b"\n") if line.strip()]
        or not given_text
    )


@given(st.binary(max_size=80))
def test_any_octets_are_a_content_type(value):
    """A part says anything about itself."""
    assert len(parse_content_type(value, 10).boundary) <= 10
    assert parse_encoding(value).domain in ("7bit", "8bit", "binary")


def test_a_hundred_thousand_openings_cost_seconds_at_most():
    """Nesting and unfinished quotes must not be searched again and again."""
    for opening in ("(", "<", '"', "[", "\\", "a:", ";", "a ", "@", ">", "(a"):
        text = opening * 100_000
        within(5, lambda text=text: unparse(parse(text)))


def test_a_million_recipients_in_a_header():
    """postconf(5) header_address_token_limit: what comes after it is not even read."""
    text = "someone@example.test, " * 1_000_000

    tokens = within(2, lambda: parse(text))

    assert len(tokens) < 10_240


def test_content_types_of_a_megabyte():
    """A boundary or a comment may be as long as the header."""
    for value in (b"a/b; boundary=" + b"x" * 10**6, b"a/b (" * 10**5, b'a/b; "' * 10**5):
        within(3, lambda value=value: parse_content_type(value, 2048))


def test_boundaries_in_boundaries():
    """Each is the begin of the next: a line is compared with all that are open, no more."""
    head = b"".join(
        b"Content-Type: multipart/x; boundary=%s\n\n--%s\n" % (b"b" * n, b"b" * n)
        for n in range(1, 90)
    )
    lines = head.split(b"\n") + [b"--" + b"b" * 40] * 20_000

    def read():
        parser = Parser(Collected(), Limits())
        for line in lines:
            parser.line(line)

    within(5, read)
