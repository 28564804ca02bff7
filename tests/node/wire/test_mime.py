"""The MIME structure as header and body checks see it."""

import pytest

from labctl.node.wire.mime import Fault, HeaderClass, Limits, Parser


class Seen:
    """A sink that remembers."""

    def __init__(self):
        self.headers, self.bodies, self.faults = [], [], []

    def header(self, header_class, header):
        self.headers.append((header_class, header))

    def end_of_header(self, header_class):
        self.headers.append((header_class, None))

    def body(self, line, offset, *, more):
        self.bodies.append((offset, line))


DEFAULT = Limits()


def read(text, limits=DEFAULT):
    seen = Seen()
    parser = Parser(seen, limits, report=lambda *fault: seen.faults.append(fault))
    for line in text.split(b"\n"):
        parser.line(line)
    parser.finish()
    return seen


def test_headers_of_parts_and_of_attached_messages_have_their_classes():
    """nested_header_checks must not see what mime_header_checks are for."""
    seen = read(
        b"Subject: outer\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n"
        b"Content-Type: message/rfc822\n\nSubject: inner\n\ntext\n--b\nX-Part: 2\n\nend\n--b--"
    )

    found = [(kind, text) for kind, text in seen.headers if text]
    assert found == [
        (HeaderClass.PRIMARY, b"Subject: outer"),
        (HeaderClass.PRIMARY, b"Content-Type: multipart/mixed; boundary=b"),
        (HeaderClass.MULTIPART, b"Content-Type: message/rfc822"),
        (HeaderClass.NESTED, b"Subject: inner"),
        (HeaderClass.MULTIPART, b"X-Part: 2"),
    ]


def test_a_line_that_is_no_header_begins_the_body_after_an_empty_line():
    """Readers would take the line for a header otherwise."""
    seen = read(b"Subject: x\nnot a header\nSubject: body")

    assert [line for _, line in seen.bodies] == [b"", b"not a header", b"Subject: body"]


def test_a_header_without_end_is_cut_at_the_limit_but_not_lost():
    """A header of gigabytes must not fill the memory."""
    seen = read(b"X: 1\n 2222222\n 3333333\n\n", Limits(header_size=10))

    assert seen.headers[0] == (HeaderClass.PRIMARY, b"X: 1\n 2222222")


def nested(depth):
    """Multiparts in one another, each with nothing but the next."""
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%05d\n\n--b%05d\n" % (n, n)
        for n in range(depth)
    )


def test_nesting_beyond_the_limit_is_told_and_body():
    """Depth is bounded, whatever a message says."""
    seen = read(nested(9), Limits(nesting=3))

    assert seen.faults == [
        (Fault.NESTING, b"Content-Type: multipart/mixed; boundary=b00005"),
    ]
    assert sum(text is not None for _, text in seen.headers) == 6


def test_ten_thousand_levels_cost_no_more_than_their_lines():
    """A stack of boundaries would be searched for each line."""
    seen = read(nested(10_000))

    assert len(seen.faults) == 1
    assert sum(text is not None for _, text in seen.headers) == 103


def test_a_part_whose_header_ends_without_an_empty_line_gets_none():
    """Only in front of the message's own body the empty line has to be there."""
    seen = read(b"Content-Type: multipart/mixed; boundary=b\n\n--b\nX: 1\nno header\n--b--")

    assert [line for _, line in seen.bodies] == [b"", b"--b", b"no header", b"--b--"]


STRICT = Limits(unwanted=frozenset(Fault))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(b"Subject: \xe9\n\nx", Fault.HEADER_8BIT, id="header"),
        pytest.param(b"Subject: x\n\n\xe9", Fault.BODY_8BIT, id="body"),
        pytest.param(b"Content-Transfer-Encoding: 8bit\n\n\xe9", None, id="8bit"),
        pytest.param(b"Content-Transfer-Encoding: (c) BINARY\n\n\xe9", None, id="binary"),
        pytest.param(b"Content-Transfer-Encoding: base64\n\n\xe9", None, id="encoded"),
        pytest.param(b"Content-Transfer-Encoding: x-what\n\n\xe9", Fault.BODY_8BIT, id="other"),
        pytest.param(
            b"Content-Type: multipart/x; boundary=b\nContent-Transfer-Encoding: base64\n\nx",
            Fault.ENCODING,
            id="encoded multipart",
        ),
        pytest.param(
            b"Content-Type: multipart/x; boundary=b\n"
            b"Content-Transfer-Encoding: 8bit\n\n--b\n\n\xe9",
            Fault.BODY_8BIT,
            id="a part says for itself",
        ),
        pytest.param(
            b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\nx",
            Fault.ENCODING,
            id="encoded message",
        ),
    ],
)
def test_what_strict_sites_do_not_want(text, fault):
    """RFC 2045 6.4; postconf(5) strict_7bit_headers and its like."""
    assert [kind for kind, _ in read(text, STRICT).faults] == ([fault] if fault else [])


def test_a_fault_is_told_once():
    """A megabyte of umlauts is one line in the log."""
    assert len(read(b"X: 1\n\n" + b"\xe9\n" * 1000, STRICT).faults) == 1


def test_a_body_without_structure_can_be_copied():
    """Most of all mail: nobody has to look at its lines."""
    parser = Parser(Seen(), DEFAULT)
    for line in (b"Subject: x", b""):
        parser.line(line)

    assert parser.in_simple_body
