"""Content off the wire: dots, line ends, and where a message ends."""

import itertools

import pytest

from labctl.node.mta.smtpd.message.decoding import ChunkDecoder, DotDecoder

MESSAGE = b"Subject: x\r\n\r\n..dot\r\nend\r\n.\r\nQUIT\r\n"


def decode(wire: bytes, cuts: tuple[int, ...] = (), *, strict: bool = False):
    """(content, what is left) of ``wire``, read in pieces."""
    decoder = DotDecoder(strict=strict)
    content = b""
    for start, end in itertools.pairwise((0, *cuts, len(wire))):
        if decoder.finished:
            return content, decoder.rest + wire[start:]
        content += decoder.feed(wire[start:end])
    assert decoder.finished
    return content, decoder.rest


@pytest.mark.parametrize("cut", range(len(MESSAGE)))
def test_it_does_not_matter_where_the_network_cuts(cut):
    """A dot, a CR or a line end may come in a packet of its own."""
    assert decode(MESSAGE, (cut,)) == (b"Subject: x\n\n.dot\nend\n", b"QUIT\r\n")


@pytest.mark.parametrize(
    ("wire", "content", "rest"),
    [
        pytest.param(b".\r\n", b"", b"", id="empty"),
        pytest.param(b"a\n.\nb", b"a\n", b"b", id="lone LF ends it by default"),
        pytest.param(b"a\r\r\n.\r\n", b"a\n", b"", id="several CR are one line end"),
        pytest.param(b".a\r\n.\r\n", b"a\n", b"", id="the first line is unstuffed too"),
        pytest.param(b"a\rb\r\n.\r\n", b"a\rb\n", b"", id="a CR inside stays"),
    ],
)
def test_lenient_line_ends(wire, content, rest):
    """smtpd_forbid_bare_newline = no, the default of 3.7."""
    assert decode(wire) == (content, rest)


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r\n.\n"])
def test_nothing_can_be_smuggled_behind_a_wrong_end(ending):
    """smtpd_forbid_bare_newline = normalize: only CRLF.CRLF ends a message."""
    content, rest = decode(b"a" + ending + b"MAIL FROM:<>\r\n.\r\n", strict=True)

    assert content == b"a\nMAIL FROM:<>\n"
    assert rest == b""


def test_a_line_without_end_is_passed_on_in_parts():
    """A client that never sends LF must not fill our memory."""
    decoder = DotDecoder()
    parts = [decoder.feed(b"x" * 50_000) + decoder.unfinished() for _ in range(4)]
    end = decoder.feed(b"\r\n.\r\n")

    assert b"".join(parts) + end == b"x" * 200_000 + b"\n"
    assert decoder.finished


def test_chunks_have_no_dots_and_join_lines():
    """RFC 3030: BDAT cuts where it likes and hides nothing."""
    decoder = ChunkDecoder()

    assert decoder.feed(b"a\r\n.b\r") == b"a\n"
    assert decoder.feed(b"\n.\r\nc") == b".b\n.\n"
    assert decoder.end() == b"c\n"
