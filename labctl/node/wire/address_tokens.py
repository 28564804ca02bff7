"""Words, quoted strings, operators and comments: what address lists and addresses are made of.

INPUT AND OUTPUT
    ``scan()`` cuts text into tokens; a word in quotes and one without are the same word, and
    white space is gone.  ``external()`` writes tokens as headers have them, ``internal()`` as
    programs compare them.

WHY NOT A FULL GRAMMAR
    RFC 5322 3.2 is what people should write.  Whatever else they write is a word or an
    operator here too: nothing is thrown away, and nothing fails.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import Final, NamedTuple


class Kind(enum.Enum):
    """Kinds of tokens."""

    WORD = "word"  # RFC 5322 3.2.3 atom, or something that can be written as one
    QUOTED = "quoted"  # RFC 5322 3.2.4 quoted-string
    LITERAL = "literal"  # RFC 5322 3.4.1 domain-literal
    COMMENT = "comment"
    OPERATOR = "operator"


class Token(NamedTuple):
    """One token; ``text`` without quotes and brackets, but a comment as it was written."""

    kind: Kind
    text: str


def scan(text: str, limit: int = 0) -> list[Token]:
    """The tokens of ``text``; what comes after ``limit`` of them is dropped."""
    found: list[Token] = []
    position, end = 0, len(text)
    while position < end:
        match = LEXICAL.match(text, position)
        assert match is not None  # the last alternative takes any character
        position = match.end()
        kind = match.lastgroup or ""
        if kind == "space" or match.group() == "\\":
            continue  # a backslash at the very end stands before nothing
        if kind == "comment":
            position = _end_of_comment(text, match.start())
            found.append(Token(Kind.COMMENT, text[match.start() : position]))
        else:
            found.append(_token(Kind(kind), match[INNER.get(kind, kind)]))
        if len(found) == limit:
            break
    return found


def external(tokens: Iterable[Token]) -> str:
    """The tokens in the form of headers, quoted where they were or have to be."""
    return "".join(written(token) for token in tokens)


def internal(tokens: Iterable[Token]) -> str:
    """The tokens without quotes, and with a space where words would run into one another."""
    out: list[str] = []
    before = Token(Kind.OPERATOR, "")
    for token in tokens:
        if out and _is_apart(before, token):
            out.append(" ")
        out.append(f"[{token.text}]" if token.kind is Kind.LITERAL else token.text)
        before = token
    return "".join(out)


def written(token: Token) -> str:
    """One token in the form of headers."""
    kind, text = token
    if kind is Kind.QUOTED:
        return '"' + SPECIAL_IN_QUOTES.sub(r"\\\g<0>", text) + '"'
    if kind is Kind.LITERAL:
        return "[" + SPECIAL_IN_BRACKETS.sub(r"\\\g<0>", text) + "]"
    return text


def _is_apart(before: Token, token: Token) -> bool:
    if before == COMMA or token == BRACKET:
        return True
    return Kind.OPERATOR not in (before.kind, token.kind)


def _token(kind: Kind, piece: str) -> Token:
    plain = _plain(piece)
    # A backslash may have brought something into a word that only quotes can hold.
    if kind is Kind.WORD and UNFIT.search(plain):
        return Token(Kind.QUOTED, plain)
    return Token(kind, plain)


def _plain(text: str) -> str:
    """Without backslashes, and with a space for each kind of white space."""
    if "\\" in text:
        text = QUOTED_PAIR.sub(r"\1", text)
    return WHITE_SPACE.sub(" ", text)


def _end_of_comment(text: str, start: int) -> int:
    """RFC 5322 3.2.2: comments nest; one that never ends goes to the end of the text."""
    depth = 0
    for match in IN_COMMENT.finditer(text, start):
        piece = match.group()
        if piece in "()":
            depth += 1 if piece == "(" else -1
            if depth == 0:
                return match.end()
    return len(text)


COMMA: Final = Token(Kind.OPERATOR, ",")
BRACKET: Final = Token(Kind.OPERATOR, "<")
# RFC 5322 3.2.3 specials, and the operators of older days: host!user, user%host, |command.
LEXICAL: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<word>(?:[^ \t\r\n|%!()<>@,;:\\".\[\]]|\\.?)+)
    | (?P<quoted>"(?P<in_quotes>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z))
    | (?P<literal>\[(?P<in_brackets>[^\]\\]*(?:\\.[^\]\\]*)*)(?:\]|\\?\Z))
    | (?P<comment>\()
    | (?P<operator>.)""",
    re.VERBOSE | re.DOTALL,
)
INNER: Final = {"quoted": "in_quotes", "literal": "in_brackets"}
# What a word must not contain without quotes.
UNFIT: Final = re.compile(r'[\x00-\x20\x7f|%!()<>@,;:\\".\[\]]')
QUOTED_PAIR: Final = re.compile(r"\\(.?)", re.DOTALL)
WHITE_SPACE: Final = re.compile(r"[\t\r\n]")
IN_COMMENT: Final = re.compile(r"\\.?|[()]", re.DOTALL)
SPECIAL_IN_QUOTES: Final = re.compile(r'["\\\r\n]')
SPECIAL_IN_BRACKETS: Final = re.compile(r"[\\\r\n]")
