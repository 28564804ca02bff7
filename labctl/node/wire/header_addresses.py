"""Address lists of headers: take them apart, change addresses, put them together again.

INPUT AND OUTPUT
    ``parse()`` makes tokens of a header value; an ``ADDRESS`` token is one mailbox address in
    its external form, everything else (phrases, comments, groups) is kept.  ``unparse()``
    writes tokens with a line break after each comma, which ``fold()`` takes back where lines
    stay of moderate length.

WHY NOT A FULL GRAMMAR
    RFC 5322 3.4 is what people should write.  A mail system rewrites what they do write, adds
    the commas that they forgot, and must not lose the parts that it does not understand.

WHY FROM THE RIGHT
    Whether a word is an address or part of a name is told by what comes after it: ``<`` or a
    comma, ``;`` for the members of a group.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from labctl.node.wire import address_tokens
from labctl.node.wire.address_tokens import Kind
from labctl.node.wire.addresses import ATEXT, is_dot_atom, quote

FOLD_AT: Final = 70  # a tab counts as one


class Type(enum.Enum):
    """Kinds of tokens."""

    WORD = "word"  # an atom or a quoted string of a phrase
    COMMENT = "comment"
    ADDRESS = "address"
    OPERATOR = "operator"  # < > , ; and whatever has no meaning where it stands
    GROUP = "group"  # the ':' that begins a group


class Token(NamedTuple):
    """One piece of the list, as it will be written."""

    type: Type
    text: str


def parse(text: str, limit: int = 10240) -> list[Token]:
    """The tokens of an address list; what comes after ``limit`` lexical tokens is dropped."""
    return _Parser(address_tokens.scan(text, limit)).parse()


def unparse(tokens: Sequence[Token]) -> str:
    """Text with a line break after each comma; addresses quoted where they have to be."""
    out: list[str] = []
    for token, following in zip_longest(tokens, tokens[1:]):
        out.append(requoted(token.text) if token.type is Type.ADDRESS else token.text)
        if token == COMMA:
            out.append("\n")
        elif following is not None and _needs_space(token, following):
            out.append(" ")
    return "".join(out)


def fold(header: str) -> list[str]:
    """The lines of a header: as many addresses on each as fit, continued with a tab."""
    first, *rest = header.split("\n")
    lines, length = [first], _length(first)
    for piece in rest:
        if length + 1 + _length(piece) < FOLD_AT:
            lines[-1] += " " + piece
            length += 1 + _length(piece)
        else:
            lines.append(piece)
            length = _length(piece)
    # A comment with a line break inside has its white space already.
    return [lines[0], *(line if line[:1] in (" ", "\t") else f"\t{line}" for line in lines[1:])]


def rewrite(tokens: Sequence[Token], change: Callable[[str], str]) -> list[Token]:
    """The same list with every address changed."""
    return [
        token._replace(text=change(token.text)) if token.type is Type.ADDRESS else token
        for token in tokens
    ]


def addresses(text: str) -> list[str]:
    """All addresses of a list, in external form."""
    return [token.text for token in parse(text) if token.type is Type.ADDRESS]


def requoted(address: str) -> str:
    """An address with quotes around its local part where that needs them, and only there."""
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    return quoted(address_tokens.internal(address_tokens.scan(address)))


def quoted(address: str) -> str:
    """The external form of any internal one, also of the empty and of broken ones."""
    route = ROUTE.match(address)
    start = route.end() if route else 0
    local, at, domain = address[start:].rpartition("@")
    if not at:
        local, domain = domain, ""
    return f"{address[:start]}{local if is_dot_atom(local) else quote(local)}{at}{domain}"


def phrase(name: str) -> str:
    """A display name as a phrase, quoted where RFC 5322 3.2.5 wants it."""
    if all(PHRASE_WORD.fullmatch(word) for word in name.split(" ")):
        return name
    return '"' + re.sub(r'["\\]', r"\\\g<0>", name) + '"'


def _needs_space(token: Token, following: Token) -> bool:
    if token.type is Type.GROUP or following == OPEN:
        return True
    return token.type not in OPERATORS and following.type not in OPERATORS


def _length(text: str) -> int:
    """In octets."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


class _Parser:
    """Takes lexical tokens from the right; what it makes of them stands in ``out`` reversed."""

    def __init__(self, tokens: list[address_tokens.Token]) -> None:
        self.rest = tokens
        self.out: list[Token] = []
        self.address: list[address_tokens.Token] = []  # reversed too
        self.in_group = False
        self.after_word = False  # another word would be another address

    def parse(self) -> list[Token]:
        while self.rest:
            token = self.rest.pop()
            if token.kind is Kind.COMMENT:
                # Comments inside of an address come to stand after it.
                self.out.append(_kept(token))
            elif token.kind is Kind.OPERATOR:
                self.after_word = False
                self._operator(token)
            else:
                self._word(token)
        self._end_of_address()
        return self.out[::-1]

    def _word(self, token: address_tokens.Token) -> None:
        if self.after_word:
            self._end_of_address(missing_comma=True)
        self.after_word = True
        self.address.append(token)

    def _operator(self, token: address_tokens.Token) -> None:
        if token.text == ",":
            self._end_of_address()
            self.out.append(COMMA)
        elif token.text == ";":
            self._end_of_address(missing_comma=True)
            self.in_group = True
            self.out.append(_kept(token))
        elif token.text == ":" and self.in_group:
            self._end_of_address()
            self.out.append(GROUP)
            self._phrase(",")
        elif token.text == ">":
            self._end_of_address(missing_comma=True)
            self.out.append(CLOSE)
            self._in_brackets()
        else:
            self.address.append(token)

    def _in_brackets(self) -> None:
        """RFC 5322 3.4 angle-addr, and the display name before it."""
        while self.rest and self.rest[-1] != address_tokens.BRACKET:
            token = self.rest.pop()
            if token.kind is Kind.COMMENT:
                self.out.append(_kept(token))
            else:
                self.address.append(token)
        self._end_of_address()
        self._phrase(">;,:")
        if self.rest and self.rest[-1] == COLON and not self.in_group:
            self.out.append(_kept(self.rest.pop()))

    def _phrase(self, until: str) -> None:
        """What is kept as it stands: the name of a group or of a person."""
        while self.rest:
            kind, text = self.rest[-1]
            if kind is Kind.OPERATOR and text in until:
                return
            self.out.append(_kept(self.rest.pop()))

    def _end_of_address(self, *, missing_comma: bool = False) -> None:
        if self.address:
            text = address_tokens.external(self.address[::-1])
            self.out.append(Token(Type.ADDRESS, text))
            self.address = []
            if missing_comma:
                self.out.append(COMMA)


def _kept(token: address_tokens.Token) -> Token:
    return Token(TYPES.get(token.kind, Type.WORD), address_tokens.written(token))


COMMA: Final = Token(Type.OPERATOR, ",")
OPEN: Final = Token(Type.OPERATOR, "<")
CLOSE: Final = Token(Type.OPERATOR, ">")
GROUP: Final = Token(Type.GROUP, ":")
COLON: Final = address_tokens.Token(Kind.OPERATOR, ":")
OPERATORS: Final = frozenset((Type.OPERATOR, Type.GROUP))
TYPES: Final = {Kind.COMMENT: Type.COMMENT, Kind.OPERATOR: Type.OPERATOR}
PLAIN_ADDRESS: Final = re.compile(rf"{ATEXT}(?:\.{ATEXT})*@[\w.-]+")
ROUTE: Final = re.compile("@[^:]*:")
PHRASE_WORD: Final = re.compile(ATEXT)
