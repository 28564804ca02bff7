"""Content-Type and Content-Transfer-Encoding: the two fields that say what a part is.

INPUT AND OUTPUT
    ``parse_content_type()`` and ``parse_encoding()`` take the text after the colon.  What makes
    no sense is text/plain in seven bits, which is what RFC 2045 5.2 and 6.1 say of no field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple


class ContentType(NamedTuple):
    """RFC 2045 5.1; both words in lower case."""

    major: str = "text"
    minor: str = "plain"
    boundary: bytes = b""


class Encoding(NamedTuple):
    """RFC 2045 6.2: how it is written, and what it is made of once that is undone."""

    name: str = "7bit"
    domain: str = "7bit"


def parse_content_type(value: bytes, boundary_limit: int = 2048) -> ContentType:
    """Type and boundary of a Content-Type value."""
    segments = list(_segments(value))
    match segments[0]:
        case [major, b"/", minor, *_]:
            kind = ContentType(_word(major), _word(minor))
        case _:
            return TEXT
    for segment in segments[1:]:
        match segment:
            case [name, b"=", boundary, *_] if name.lower() == b"boundary":
                return kind._replace(boundary=boundary[:boundary_limit])
    return kind


def parse_encoding(value: bytes) -> Encoding:
    """The encoding that a Content-Transfer-Encoding value names."""
    token = next(_lexemes(value, SPECIAL_IN_ENCODING), b"")
    return ENCODINGS.get(_word(token), SEVEN_BIT)


def _word(token: bytes) -> str:
    return token.decode("latin-1").lower()


def _segments(value: bytes) -> Iterator[list[bytes]]:
    """The lexemes between semicolons."""
    segment: list[bytes] = []
    for lexeme in _lexemes(value, LEXICAL):
        if lexeme == b";":
            yield segment
            segment = []
        else:
            segment.append(lexeme)
    yield segment


def _lexemes(value: bytes, lexical: re.Pattern[bytes]) -> Iterator[bytes]:
    """Tokens and specials; quoted strings without their quotes, comments not at all."""
    position = 0
    while match := lexical.match(value, position):
        position = match.end()
        if match["comment"]:
            position = _end_of_comment(value, match.start())
        elif match["quoted"] is not None:
            yield QUOTED_PAIR.sub(rb"\1", match["quoted"])
        elif match["other"]:
            yield match["other"]


def _end_of_comment(value: bytes, start: int) -> int:
    """RFC 5322 3.2.2: comments nest."""
    depth = 0
    for match in IN_COMMENT.finditer(value, start):
        depth += {b"(": 1, b")": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return len(value)


TEXT: Final = ContentType()
SEVEN_BIT: Final = Encoding()
ENCODINGS: Final = {
    "7bit": SEVEN_BIT,
    "8bit": Encoding("8bit", "8bit"),
    "binary": Encoding("binary", "binary"),
    "base64": Encoding("base64", "7bit"),
    "quoted-printable": Encoding("quoted-printable", "7bit"),
}
# RFC 2045 5.1 tspecials stand for themselves.
LEXICAL: Final = re.compile(
    rb"""[ \t\r\n]+
    | (?P<comment>\()
    | "(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)
    | (?P<other>[()<>@,;:\\/\[\]?=]|[^ \t\r\n()<>@,;:\\"/\[\]?=]+)""",
    re.VERBOSE | re.DOTALL,
)
SPECIAL_IN_ENCODING: Final = re.compile(
    rb"""[ \t\r\n]+
    | (?P<comment>\()
    | "(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)
    | (?P<other>[^ \t\r\n("]+)""",
    re.VERBOSE | re.DOTALL,
)
IN_COMMENT: Final = re.compile(rb"\\.|[()]", re.DOTALL)
QUOTED_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL)
