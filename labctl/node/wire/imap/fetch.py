"""What FETCH may ask for: items, sections, partial ranges (RFC 3501 6.4.5, RFC 3516).

INPUT AND OUTPUT
    ``parse(text)`` gives the items in their order; BadItem has the complaint of UW-IMAP, None
    where the command's own ("Bogus attribute list in FETCH") is the right one.  ``lenient``
    takes what other servers do as well: BINARY of every section, and <n> up to the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple


class Section(NamedTuple):
    """BODY[1.2.HEADER.FIELDS (SUBJECT)]: a part, what of it, and which fields."""

    part: tuple[int, ...] = ()
    what: str = ""  # "", HEADER, TEXT, MIME, HEADER.FIELDS, HEADER.FIELDS.NOT
    fields: tuple[bytes, ...] = ()


class Item(NamedTuple):
    """One data item of FETCH."""

    name: str
    section: Section = Section()
    peek: bool = False
    start: int = 0
    octets: int | None = None  # None: all of it

    @property
    def label(self) -> bytes:
        """The name under which the answer comes."""
        if self.name not in SECTIONED:
            return self.name.encode()
        section = self.section
        words = [str(number) for number in section.part] + (
            [section.what] if section.what else []
        )
        fields = b" (%s)" % b" ".join(section.fields) if section.fields else b""
        text = b"%s[%s%s]" % (self.name.encode(), ".".join(words).encode(), fields)
        return text if self.octets is None else b"%s<%d>" % (text, self.start)


class Grammar(NamedTuple):
    """What differs between servers."""

    partial: re.Pattern[bytes]
    sections: Mapping[str, Callable[[bytes], tuple[Section, bytes]]]


class BadItem(Exception):
    """The text is None where nothing more can be said."""


TO_THE_END: Final = 1 << 63
SECTIONED: Final = frozenset({"BODY", "BINARY", "BINARY.SIZE"})
PLAIN: Final = frozenset(
    {
        "FLAGS",
        "INTERNALDATE",
        "UID",
        "ENVELOPE",
        "BODYSTRUCTURE",
        "RFC822",
        "RFC822.HEADER",
        "RFC822.SIZE",
        "RFC822.TEXT",
        "RFC822.PEEK",
        "RFC822.HEADER.PEEK",
        "RFC822.TEXT.PEEK",
    }
)
# RFC 3501 6.4.5: macros stand alone.
MACROS: Final[Mapping[str, tuple[str, ...]]] = {
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "STRUCTURE"),
}

_NAME: Final = re.compile(rb"[A-Za-z0-9.]+")
_PART: Final = re.compile(rb"\d+(?:\.\d+)*")
_WHAT: Final = re.compile(
    rb"(HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)", re.IGNORECASE
)
_FIELDS: Final = re.compile(rb' \(((?:"[^"]*"|[^\s()"]+)(?: (?:"[^"]*"|[^\s()"]+))*)\)')


def parse(text: bytes, *, lenient: bool = False) -> list[Item]:
    """A macro, one item, or a parenthesized list of items."""
    macro = MACROS.get(text.decode("latin-1").upper())
    if macro is not None:
        return [Item(name) for name in macro]
    grammar = LENIENT if lenient else STRICT
    if not text.startswith(b"("):
        item, rest = _item(text, grammar)
        if rest:
            raise BadItem
        return [item]
    return _list(text[1:], grammar)


def _list(text: bytes, grammar: Grammar) -> list[Item]:
    items = []
    while True:
        item, text = _item(text, grammar)
        items.append(item)
        if text == b")":
            return items
        if text.startswith(b")"):
            raise BadItem
        if not text.startswith(b" "):
            raise BadItem("Unterminated FETCH attribute list")
        text = text[1:]


def _item(text: bytes, grammar: Grammar) -> tuple[Item, bytes]:
    match = _NAME.match(text)
    if match is None:
        raise BadItem
    name, rest = match[0].decode().upper(), text[match.end() :]
    base, dot, peek = name.rpartition(".PEEK")
    if rest.startswith(b"[") and (base if dot and not peek else name) in SECTIONED:
        return _sectioned(base if dot else name, bool(dot), rest[1:], grammar)
    if name == "BODY":
        return Item("STRUCTURE"), rest
    if name not in PLAIN:
        raise BadItem
    return Item(name.removesuffix(".PEEK"), peek=bool(dot)), rest


def _sectioned(name: str, peek: bool, text: bytes, grammar: Grammar) -> tuple[Item, bytes]:
    section, rest = grammar.sections[name](text)
    if not rest.startswith(b"<"):
        return Item(name, section, peek), rest
    match = grammar.partial.match(rest)
    octets = TO_THE_END if match and match[2] is None else int(match[2]) if match else 0
    if match is None or octets == 0:
        raise BadItem("Syntax error in partial text specifier")
    return Item(name, section, peek, int(match[1]), octets), rest[match.end() :]


def _text_section(text: bytes) -> tuple[Section, bytes]:
    part, rest = _part(text)
    if rest.startswith(b"]"):
        return Section(part), rest[1:]
    rest = rest[1:] if part and rest.startswith(b".") else rest
    match = _WHAT.match(rest)
    what = match[1].decode().upper() if match else ""
    if match is None or (what == "MIME" and not part):
        raise BadItem("Unknown section text specifier")
    rest = rest[match.end() :]
    if what.startswith("HEADER.FIELDS"):
        return _fields(part, what, rest)
    if not rest.startswith(b"]"):
        raise BadItem("Unknown section text specifier")
    return Section(part, what), rest[1:]


def _fields(part: tuple[int, ...], what: str, rest: bytes) -> tuple[Section, bytes]:
    match = _FIELDS.match(rest)
    if match is None or rest[match.end() : match.end() + 1] != b"]":
        raise BadItem("Syntax error in header fields")
    names = tuple(name.strip(b'"').upper() for name in match[1].split(b" "))
    return Section(part, what, names), rest[match.end() + 1 :]


def _binary_section(text: bytes) -> tuple[Section, bytes]:
    part, rest = _part(text)
    if not part or not rest.startswith(b"]"):
        raise BadItem("Syntax error in binary specifier")
    return Section(part), rest[1:]


def _part(text: bytes) -> tuple[tuple[int, ...], bytes]:
    match = _PART.match(text)
    if match is None:
        return (), text
    return tuple(int(number) for number in match[0].split(b".")), text[match.end() :]


STRICT: Final = Grammar(
    re.compile(rb"<(\d+)\.(\d+)>"),
    {"BODY": _text_section, "BINARY": _binary_section, "BINARY.SIZE": _binary_section},
)
LENIENT: Final = Grammar(
    re.compile(rb"<(\d+)(?:\.(\d+))?>"),
    {"BODY": _text_section, "BINARY": _text_section, "BINARY.SIZE": _text_section},
)
