"""The address in MAIL, RCPT and VRFY: where it ends, and what it says.  RFC 5321 4.1.2.

INPUT AND OUTPUT
    ``cut()`` takes a path off the front of an argument as it was written; ``extract()`` says
    which addresses are in it, and whether there is more than addresses and brackets.

WHY LENIENT
    Clients have always sent header forms here, with names, comments and too many brackets.
    Whether that is good enough is postconf(5) strict_rfc821_envelopes, and not ours to say.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from labctl.node.wire import address_tokens
from labctl.node.wire.address_tokens import Kind, Token


class UnfinishedPath(ValueError):
    """A quote or bracket without its end."""


class Extract(NamedTuple):
    """What a path holds."""

    address: str  # internal form; the last if there are several, "" if there is none
    number: int  # of addresses
    has_more: bool  # comments, names, commas


def cut(text: str) -> tuple[str, str]:
    """Cut a path off the front: ``<a@b> SIZE=1`` -> ``("<a@b>", "SIZE=1")``.

    White space ends it, except inside of quotes and brackets.  Raises UnfinishedPath when one
    of these is open.
    """
    plain = PLAIN.match(text)
    if plain is not None:
        return plain[1], text[plain.end() :].lstrip(" \t")
    position, end = 0, len(text)
    while position < end and text[position] not in " \t":
        position = _end_of_piece(text, position)
    return text[:position], text[position:].lstrip(" \t")


def words(text: str) -> tuple[str, ...]:
    """The parameters behind a path; quotes and brackets keep white space here too."""
    if '"' not in text and "<" not in text:
        return tuple(text.split())
    found = []
    while text:
        try:
            word, text = cut(text)
        except UnfinishedPath:
            word, text = text, ""
        found.append(word)
    return tuple(found)


def extract(path: str) -> Extract:
    """The addresses in a path."""
    if PLAIN.fullmatch(path):
        return Extract(path[1:-1], 1, has_more=False)
    found: list[list[Token]] = [[]]
    has_more = False
    for token in address_tokens.scan(path):
        if token.kind is Kind.COMMENT:
            has_more = True
        elif _is_separator(token, found[-1]):
            # What stands directly before a bracket is a name.
            is_name = token.text == "<" and bool(found[-1])
            has_more = has_more or is_name or token.text in ",;"
            found[-1] = [] if is_name else found[-1]
            found.append([])
        elif found[-1] and _is_word(token) and _is_word(found[-1][-1]):
            found.append([token])
        else:
            found[-1].append(token)
    mailboxes = [tokens for tokens in found if tokens]
    last = _without_route(mailboxes[-1]) if mailboxes else []
    return Extract(address_tokens.internal(last), len(mailboxes), has_more)


def _without_route(tokens: list[Token]) -> list[Token]:
    """RFC 5321 appendix C: ``@a,@b:ann@c`` means ``ann@c``."""
    if tokens[0].text == "@" and COLON in tokens[:-1]:
        return tokens[tokens.index(COLON) + 1 :]
    return tokens


def _is_separator(token: Token, before: list[Token]) -> bool:
    if token.kind is not Kind.OPERATOR:
        return False
    # The commas of @a,@b:ann@c belong to the route.
    if token.text == "," and before and before[0].text == "@":
        return COLON in before
    return token.text in "<>,;"


def _is_word(token: Token) -> bool:
    return token.kind is not Kind.OPERATOR


def _end_of_piece(text: str, position: int) -> int:
    """Behind one character, or behind all that stands in quotes or brackets."""
    opening = text[position]
    if opening not in CLOSING:
        return position + 1
    wanted = [CLOSING[opening]]
    position += 1
    while wanted:
        if position >= len(text):
            raise UnfinishedPath("quote or bracket without an end")
        character = text[position]
        if character == "\\":
            position += 1
        elif character == wanted[-1]:
            wanted.pop()
        elif character == '"' or (character == "<" and wanted[-1] == ">"):
            wanted.append(CLOSING[character])
        position += 1
    return position


COLON: Final = Token(Kind.OPERATOR, ":")
CLOSING: Final = {"<": ">", '"': '"'}
# What nearly every client sends needs no tokens.
PLAIN: Final = re.compile(
    r"(<[\w+-]+(?:\.[\w+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*>)(?=[ \t]|\Z)", re.ASCII
)
