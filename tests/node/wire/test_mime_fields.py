"""What parts say about themselves, in all the ways in which people write it."""

import pytest

from labctl.node.wire.mime_fields import parse_content_type, parse_encoding


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(b" text/html; charset=x", ("text", "html", b""), id="plain"),
        pytest.param(
            b' Multipart/Mixed; x=y; boundary="a:\\"b"', ("multipart", "mixed", b'a:"b'), id="q"
        ),
        pytest.param(
            b" multipart / mixed (c); BOUNDARY (c) = (n(e)st) b1 (e)",
            ("multipart", "mixed", b"b1"),
            id="comments",
        ),
        pytest.param(
            b"multipart/mixed;\n\tboundary=b", ("multipart", "mixed", b"b"), id="fold"
        ),
        pytest.param(b"multipart/mixed; boundary=", ("multipart", "mixed", b""), id="empty"),
        pytest.param(b'm/x; y="; boundary=no"; boundary=b', ("m", "x", b"b"), id="in quotes"),
        pytest.param(b"m/x; boundary", ("m", "x", b""), id="no value"),
        pytest.param(b'm/x; boundary="open', ("m", "x", b"open"), id="open quote"),
        pytest.param(b"m/x (open; boundary=b", ("m", "x", b""), id="open comment"),
        pytest.param(b"nonsense", ("text", "plain", b""), id="no type"),
        pytest.param(b"", ("text", "plain", b""), id="nothing"),
        pytest.param(b"\xff/\xfe", ("\xff", "\xfe", b""), id="eight bit"),
    ],
)
def test_content_types(value, kind):
    """RFC 2045 5.1; RFC 2046 5.1.1: a boundary with a colon is quoted."""
    assert parse_content_type(value) == kind


def test_a_boundary_is_cut():
    """postconf(5) mime_boundary_length_limit."""
    assert parse_content_type(b"m/x; boundary=" + b"b" * 100, 5).boundary == b"bbbbb"


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        pytest.param(b" Base64", ("base64", "7bit"), id="base64"),
        pytest.param(b" (c) 8BIT (c)", ("8bit", "8bit"), id="8bit"),
        pytest.param(b" x-uuencode", ("7bit", "7bit"), id="unknown"),
        pytest.param(b"", ("7bit", "7bit"), id="nothing"),
    ],
)
def test_encodings(value, encoding):
    """RFC 2045 6.1: no encoding means seven bits."""
    assert parse_encoding(value) == encoding
