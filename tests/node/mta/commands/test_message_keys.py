"""What of a message `postmap -q - -bhm` looks up."""

from __future__ import annotations

import pytest

from labctl.node.mta.commands.message_keys import message_keys

MESSAGE = """\
Subject: one
 two
Content-Type: multipart/mixed; boundary="XX"

preamble
--XX
X-Part: 1

body
--XX
Content-Type: message/rfc822

Subject: inner

inner body
--XX--
epilogue
"""


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("h", ["Subject: one\n two", 'Content-Type: multipart/mixed; boundary="XX"']),
        (
            "hm",
            [
                "Subject: one\n two",
                'Content-Type: multipart/mixed; boundary="XX"',
                "X-Part: 1",
                "Content-Type: message/rfc822",
                "Subject: inner",
            ],
        ),
        (
            "bm",
            [
                "",
                "preamble",
                "--XX",
                "",
                "body",
                "--XX",
                "",
                "",
                "inner body",
                "--XX--",
                "epilogue",
            ],
        ),
    ],
)
def test_headers_and_lines_are_told_apart(parts: str, expected: list[str]):
    """header_checks, mime_header_checks and body_checks each see their own."""
    assert list(message_keys(MESSAGE.splitlines(keepends=True), set(parts))) == expected


def test_a_line_that_is_no_header_begins_the_body():
    """The empty line between them is thought of."""
    assert list(message_keys(["a: b\n", "no header\n", "x: y\n"], {"h", "b"})) == [
        *("a: b", "", "no header", "x: y"),
    ]
