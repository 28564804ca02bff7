"""Addresses, envelopes and structures, also of messages that nobody should send."""

from __future__ import annotations

import pytest

from labctl.node.wire.imap import mime as imap_mime
from labctl.node.wire.imap.address import Address, parse_list
from labctl.node.wire.imap.envelope import envelope, fields, format_envelope
from labctl.node.wire.imap.structure import find_part, format_structure


def silent(_text: str) -> None:
    """Nobody listens."""


def structure(message: bytes, *, extended: bool = False) -> bytes:
    header, text = imap_mime.split_header(message.replace(b"\n", b"\r\n"))
    return format_structure(imap_mime.parse(fields(header), text, silent), extended=extended)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param(b"ann@a.test", (None, None, b"ann", b"a.test"), id="bare"),
        pytest.param(b"Ann A <ann@a.test>", (b"Ann A", None, b"ann", b"a.test"), id="named"),
        pytest.param(
            b'"A. B, C" <ann@a.test>', (b"A. B, C", None, b"ann", b"a.test"), id="quoted name"
        ),
        pytest.param(
            b"ann@a.test (Ann)", (b"Ann", None, b"ann", b"a.test"), id="comment as name"
        ),
        pytest.param(
            b"<@r.test,@s.test:ann@a.test>",
            (None, b"@r.test,@s.test", b"ann", b"a.test"),
            id="source route",
        ),
        pytest.param(b'"a b"@a.test', (None, None, b"a b", b"a.test"), id="quoted mailbox"),
        pytest.param(b"ann", (None, None, b"ann", b".MISSING-HOST-NAME."), id="no host"),
    ],
)
def test_one_address(text, address):
    """RFC 5322 3.4, with its obsolete forms."""
    assert parse_list(text, silent) == [Address(*address)]


def test_a_group_is_marked_at_both_ends():
    """RFC 3501 7.4.2."""
    assert parse_list(b"friends: ann@a.test;", silent) == [
        Address(None, None, b"friends", None),
        Address(None, None, b"ann", b"a.test"),
        Address(None, None, None, None),
    ]


def test_a_broken_address_list_is_shown_as_far_as_it_goes():
    """Half an address is better than none, and the client hears what is wrong."""
    heard = []

    found = parse_list(b"ann@a.test, <>, bob@b.test", heard.append)

    assert [address.mailbox for address in found] == [b"ann", b"INVALID_ADDRESS"]
    assert heard == ["Invalid mailbox list: <>, bob@b.test"]


def test_sender_and_reply_to_default_to_from():
    """RFC 3501 7.4.2 wants them filled in."""
    found = envelope(fields(b"From: ann@a.test\r\nSubject: hi\r\n there\r\n\r\n"), silent)

    ann = b'((NIL NIL "ann" "a.test"))'
    assert format_envelope(found) == (
        b'(NIL "hi there" ' + b" ".join([ann] * 3) + b" NIL NIL NIL NIL NIL)"
    )


def test_a_plain_message_has_one_text_part():
    """RFC 2045 5.2: the default is plain text."""
    assert structure(b"Subject: x\n\none\ntwo\n") == (
        b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 10 2)'
    )


MULTIPART = b"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

preamble
--b

first
--b
Content-Type: text/html; charset=utf-8
Content-Disposition: inline; filename=x.html

<p>
--b--
epilogue
"""


def test_a_multipart_is_split_at_its_boundaries():
    """RFC 2046 5.1.1: the line end before a boundary is not of the part."""
    assert structure(MULTIPART) == (
        b'(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 5 0)'
        b'("TEXT" "HTML" ("CHARSET" "utf-8") NIL NIL "7BIT" 3 0) "MIXED")'
    )
    assert b'NIL ("INLINE" ("FILENAME" "x.html")) NIL NIL' in structure(
        MULTIPART, extended=True
    )


def test_parts_are_found_by_their_numbers():
    """RFC 3501 6.4.5: numbers beyond the last lead nowhere."""
    header, text = imap_mime.split_header(MULTIPART.replace(b"\n", b"\r\n"))
    root = imap_mime.parse(fields(header), text, silent)

    second = find_part(root, (2,))
    assert second is not None
    assert second.text == b"<p>"
    assert find_part(root, (3,)) is None
    assert find_part(root, (2, 1)) is None


def test_a_multipart_without_parts_gets_an_empty_one():
    """Clients crash on a multipart without children."""
    assert structure(b"Content-Type: multipart/mixed\n\nnothing here\n") == (
        b'(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 0 0) "MIXED")'
    )


def test_ten_thousand_levels_are_one_opaque_part():
    """A hostile message must not cost more than an honest one."""
    message = b"Content-Type: message/rfc822\n\n" * 10000

    assert structure(message).count(b'"RFC822"') == imap_mime.MAX_DEPTH + 1
