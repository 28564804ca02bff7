"""The MIME structure as header and body checks see it."""

from labctl.node.wire.mime import HeaderClass, Limits, Parser, parse_content_type


class Seen:
    """A sink that remembers."""

    def __init__(self):
        self.headers, self.bodies = [], []

    def header(self, header_class, header):
        self.headers.append((header_class, header))

    def end_of_header(self, header_class):
        self.headers.append((header_class, None))

    def body(self, line, offset, *, more):
        self.bodies.append((offset, line))


DEFAULT = Limits()


def read(text, limits=DEFAULT):
    seen = Seen()
    parser = Parser(seen, limits)
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


def test_nesting_beyond_the_limit_is_body():
    """Depth is bounded, whatever a message says."""
    text = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9)
    )

    seen = read(text, Limits(nesting=3))

    assert sum(text is not None for _, text in seen.headers) == 4


def test_boundaries_may_be_quoted():
    """RFC 2046 5.1.1: a boundary with a colon must be."""
    kind = parse_content_type(b' Multipart/Mixed; x=y; boundary="a:\\"b"')

    assert kind == ("multipart", "mixed", b'a:"b')
