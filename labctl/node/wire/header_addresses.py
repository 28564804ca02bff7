"""Address lists of headers: take them apart, change addresses, put them together again.

INPUT AND OUTPUT
    ``parse()`` makes tokens of a header value; an ``Address`` token is one mailbox address in
    its external form, everything else (phrases, comments, groups) is kept as it stands.
    ``unparse()`` writes tokens with one address a line, which ``fold()`` joins again to lines
    of moderate length.

WHY NOT A FULL GRAMMAR
    RFC 5322 3.4 is what people should write.  A mail system rewrites what they do write, and
    must not lose the parts that it does not understand.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from labctl.node.wire.addresses import ATEXT

FOLD_AT: Final = 70  # a tab counts as one


class Type(enum.Enum):
    """Kinds of tokens."""

    WORD = "word"  # an atom or a quoted string of a phrase
    COMMENT = "comment"
    ADDRESS = "address"
    OPERATOR = "operator"  # < > , ; and the ':' that begins a group


class Token(NamedTuple):
    """One piece of the list, as it will be written."""

    type: Type
    text: str


def parse(text: str, limit: int = 10240) -> list[Token]:
    """The tokens of an address list; what comes after ``limit`` lexical tokens is dropped."""
    return _Parser(_scan(text, limit)).parse()


def unparse(tokens: Sequence[Token]) -> str:
    """Text with a line break after each comma."""
    out: list[str] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        out.append(token.text)
        if token == COMMA:
            out.append("\n")
        elif following is not None and _needs_space(token, following):
            out.append(" ")
    return "".join(out)


def fold(header: str) -> list[str]:
    """The lines of a header: as many addresses on each as fit, continued with a tab."""
    lines: list[str] = []
    for piece in header.split("\n"):
        if lines and len(lines[-1]) + 1 + len(piece) < FOLD_AT:
            lines[-1] += " " + piece
        else:
            lines.append(piece)
    return [lines[0], *("\t" + line for line in lines[1:])]


def rewrite(tokens: Sequence[Token], change: Callable[[str], str]) -> list[Token]:
    """The same list with every address changed."""
    return [
        token._replace(text=change(token.text)) if token.type is Type.ADDRESS else token
        for token in tokens
    ]


def addresses(text: str) -> list[str]:
    """All addresses of a list, in external form."""
    return [token.text for token in parse(text) if token.type is Type.ADDRESS]


def phrase(name: str) -> str:
    """A display name as a phrase, quoted where RFC 5322 3.2.5 wants it."""
    if all(PHRASE_WORD.fullmatch(word) for word in name.split(" ")):
        return name
    return '"' + re.sub(r'["\\]', r"\\\g<0>", name) + '"'


def _needs_space(token: Token, following: Token) -> bool:
    if token == GROUP or following == OPEN:
        return True
    return token.type is not Type.OPERATOR and following.type is not Type.OPERATOR


def _scan(text: str, limit: int) -> Iterator[tuple[str, str, bool]]:
    """Lexical tokens: (class, text, whether white space came before)."""
    spaced = False
    position, end, count = 0, len(text), 0
    while position < end and count < limit:
        match = LEXICAL.match(text, position)
        assert match is not None  # the last alternative takes any character
        position = match.end()
        kind, piece = match.lastgroup or "", match.group()
        if kind == "space":
            spaced = True
            continue
        if kind == "comment":
            position = _end_of_comment(text, match.start())
            piece = text[match.start() : position]
        yield kind, _closed(kind, piece), spaced
        spaced = False
        count += 1


def _end_of_comment(text: str, start: int) -> int:
    """RFC 5322 3.2.2: comments nest."""
    depth, position = 0, start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return position + 1
        position += 1
    return len(text)


def _closed(kind: str, piece: str) -> str:
    """A quoted string or domain literal that never ended ends here."""
    closing = CLOSING.get(kind)
    if closing is None or (len(piece) > 1 and piece.endswith(closing)):
        return piece
    return piece + closing


Lexeme = tuple[str, str, bool]


class _Parser:
    """Splits the lexemes at commas and makes tokens of each member."""

    def __init__(self, lexemes: Iterator[Lexeme]) -> None:
        self.lexemes = lexemes
        self.out: list[Token] = []
        self.member: list[Lexeme] = []

    def parse(self) -> list[Token]:
        in_angle = False
        for lexeme in self.lexemes:
            kind, piece, _ = lexeme
            if kind == "operator" and piece in "<>":
                in_angle = piece == "<"
                self.member.append(lexeme)
            elif kind == "operator" and piece in ",;" and not in_angle:
                self._end_of_member()
                self.out.append(Token(Type.OPERATOR, piece))
            elif self._begins_group(lexeme, in_angle):
                self._phrase(self.member)
                self.member = []
                self.out.append(GROUP)
            else:
                self.member.append(lexeme)
        self._end_of_member()
        return self.out

    def _begins_group(self, lexeme: Lexeme, in_angle: bool) -> bool:
        # "@a,@b:c" is a route, "name: ..." a group.
        if in_angle or lexeme[:2] != ("operator", ":"):
            return False
        return bool(self.member) and all(piece != "@" for _, piece, _ in self.member)

    def _end_of_member(self) -> None:
        member, self.member = self.member, []
        opening = next((at for at, item in enumerate(member) if item[1] == "<"), None)
        if opening is None:
            self._bare(member)
            return
        closing = next((at for at, item in enumerate(member) if item[1] == ">"), len(member))
        self._phrase(member[:opening])
        self.out.append(OPEN)
        self._address(member[opening + 1 : closing])
        self.out.append(CLOSE)
        self._phrase(member[closing + 1 :])

    def _bare(self, member: list[Lexeme]) -> None:
        """An address without brackets: comments around it stay where they are."""
        body = [item for item in member if item[0] != "comment"]
        leading = 0
        while leading < len(member) and member[leading][0] == "comment":
            leading += 1
        self._phrase(member[:leading])
        self._bare_addresses(body)
        self._phrase([item for item in member[leading:] if item[0] == "comment"])

    def _bare_addresses(self, body: list[Lexeme]) -> None:
        # Words with nothing but white space between them are separate addresses: an old
        # custom that `sendmail -t` still meets.
        start = 0
        for at in range(1, len(body) + 1):
            if at == len(body) or self._ends_address(body[at - 1], body[at]):
                if start:
                    self.out.append(COMMA)
                self._address(body[start:at])
                start = at

    def _ends_address(self, before: Lexeme, after: Lexeme) -> bool:
        return before[0] != "operator" and after[0] != "operator" and after[2]

    def _address(self, lexemes: list[Lexeme]) -> None:
        text = "".join(piece for kind, piece, _ in lexemes if kind != "comment")
        if lexemes:
            self.out.append(Token(Type.ADDRESS, text))

    def _phrase(self, lexemes: list[Lexeme]) -> None:
        """Words, with what was written together kept together."""
        words: list[Token] = []
        for kind, piece, spaced in lexemes:
            if kind == "comment":
                words.append(Token(Type.COMMENT, piece))
            elif words and not spaced and words[-1].type is Type.WORD:
                words[-1] = Token(Type.WORD, words[-1].text + piece)
            else:
                words.append(Token(Type.WORD, piece))
        self.out.extend(words)


COMMA: Final = Token(Type.OPERATOR, ",")
OPEN: Final = Token(Type.OPERATOR, "<")
CLOSE: Final = Token(Type.OPERATOR, ">")
GROUP: Final = Token(Type.OPERATOR, ":")
CLOSING: Final = {"quoted": '"', "literal": "]"}
PHRASE_WORD: Final = re.compile(ATEXT)
LEXICAL: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<quoted>"(?:[^"\\]|\\.)*"?)
    | (?P<literal>\[(?:[^\]\\]|\\.)*\]?)
    | (?P<comment>\()
    | (?P<operator>[<>,;:@.%!])
    | (?P<atom>[^ \t\r\n"\[(<>,;:@.%!]+)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
