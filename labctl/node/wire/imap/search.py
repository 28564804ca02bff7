"""SEARCH keys and their arguments as a tree (RFC 3501 6.4.4, RFC 5032).

INPUT AND OUTPUT
    ``parse_program(arguments)`` takes all keys that are left; ``MissingArgument`` if one of
    them is none.  A key is a name and its values; AND has all of a list.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from labctl.node.wire.imap.args import Arguments, MissingArgument

MONTHS: Final = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
DEEPEST: Final = 50


class Key(NamedTuple):
    """One search key of RFC 3501 6.4.4."""

    name: str
    values: tuple[Any, ...] = ()


class Program(NamedTuple):
    """What SEARCH, SORT and THREAD look for."""

    keys: Key
    charset: str = ""


def parse_program(arguments: Arguments, *, charset: str = "") -> Program:
    """All keys, which must all hold."""
    reader = _Reader(arguments)
    keys = reader.keys(closing=False)
    return Program(Key("AND", tuple(keys)), charset)


class _Reader:
    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        self._depth = 0

    def keys(self, *, closing: bool) -> list[Key]:
        """Keys up to the end of the command, or up to the parenthesis that closes them."""
        found = [self.key()]
        while True:
            rest = self._arguments.rest
            if rest is None:
                if closing:
                    raise MissingArgument
                return found
            if closing and rest.startswith(b")"):
                self._advance(1)
                return found
            self._skip_space()
            found.append(self.key())

    def key(self) -> Key:
        rest = self._arguments.rest
        if rest is None:
            raise MissingArgument
        if rest.startswith(b"("):
            return self._group()
        match = _WORD.match(rest)
        if match is None:
            raise MissingArgument
        self._advance(match.end())
        word = match[0]
        if _SET.fullmatch(word):
            return Key("SET", (word,))
        name = word.decode("latin-1").upper()
        read = KEYS.get(name)
        if read is None:
            raise MissingArgument
        return Key(name, tuple(one(self) for one in read))

    def _group(self) -> Key:
        self._depth += 1
        if self._depth > DEEPEST:
            raise MissingArgument
        self._advance(1)
        group = Key("AND", tuple(self.keys(closing=True)))
        self._depth -= 1
        return group

    # ------------------------------------------------------------ values

    def string(self) -> bytes:
        self._skip_space()
        rest = self._arguments.rest or b""
        if rest.startswith(b"{"):
            data = self._arguments.literal()
            self._after_literal()
            return data
        match = _STRING.match(rest)
        if match is None:
            raise MissingArgument
        self._advance(match.end())
        if match[1] is not None:
            return re.sub(rb"\\(.)", rb"\1", match[1])
        return match[0]

    def word(self) -> bytes:
        self._skip_space()
        match = _WORD.match(self._arguments.rest or b"")
        if match is None:
            raise MissingArgument
        self._advance(match.end())
        return match[0]

    def number(self) -> int:
        word = self.word()
        if not word.isdigit():
            raise MissingArgument
        return int(word)

    def sequence(self) -> bytes:
        word = self.word()
        if not _SET.fullmatch(word):
            raise MissingArgument
        return word

    def date(self) -> tuple[int, int, int]:
        """RFC 3501 "date", with or without quotes."""
        match = _DATE.fullmatch(self.string())
        if match is None:
            raise MissingArgument
        day, month, year = match[1].decode(), match[2].decode().upper(), match[3].decode()
        try:
            time.strptime(f"{day} {MONTHS.index(month) + 1} {year}", "%d %m %Y")
        except ValueError as error:
            raise MissingArgument from error
        return int(year), MONTHS.index(month) + 1, int(day)

    def following(self) -> Key:
        """NOT and OR are followed by whole keys."""
        self._skip_space()
        self._depth += 1
        if self._depth > DEEPEST:
            raise MissingArgument
        key = self.key()
        self._depth -= 1
        return key

    # ------------------------------------------------------------ characters

    def _skip_space(self) -> None:
        rest = self._arguments.rest
        if rest is None or not rest.startswith(b" "):
            raise MissingArgument
        self._advance(1)

    def _advance(self, count: int) -> None:
        assert self._arguments.rest is not None
        self._arguments.rest = self._arguments.rest[count:] or None

    def _after_literal(self) -> None:
        # The space that ``Arguments`` took belongs before the next key.
        if self._arguments.rest is not None:
            self._arguments.rest = b" " + self._arguments.rest


_WORD: Final = re.compile(rb'[^\x00-\x20(){"\\\x7f-\xff]+')
_SET: Final = re.compile(rb"[\d*][\d*:,]*")
_STRING: Final = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"|[^\x00-\x20(){"%*\\\x7f]+')
_DATE: Final = re.compile(rb"(\d\d?)-([A-Za-z]{3})-(\d{4})")

_string, _date, _number = _Reader.string, _Reader.date, _Reader.number
_word, _sequence, _key = _Reader.word, _Reader.sequence, _Reader.following

# RFC 3501 6.4.4, in its order; OLDER and YOUNGER are RFC 5032.
KEYS: Final[Mapping[str, tuple[Callable[[_Reader], Any], ...]]] = {
    "ALL": (),
    "ANSWERED": (),
    "BCC": (_string,),
    "BEFORE": (_date,),
    "BODY": (_string,),
    "CC": (_string,),
    "DELETED": (),
    "DRAFT": (),
    "FLAGGED": (),
    "FROM": (_string,),
    "HEADER": (_string, _string),
    "KEYWORD": (_word,),
    "LARGER": (_number,),
    "NEW": (),
    "NOT": (_key,),
    "OLD": (),
    "ON": (_date,),
    "OR": (_key, _key),
    "RECENT": (),
    "SEEN": (),
    "SENTBEFORE": (_date,),
    "SENTON": (_date,),
    "SENTSINCE": (_date,),
    "SINCE": (_date,),
    "SMALLER": (_number,),
    "SUBJECT": (_string,),
    "TEXT": (_string,),
    "TO": (_string,),
    "UID": (_sequence,),
    "UNANSWERED": (),
    "UNDELETED": (),
    "UNDRAFT": (),
    "UNFLAGGED": (),
    "UNKEYWORD": (_word,),
    "UNSEEN": (),
    "OLDER": (_number,),
    "YOUNGER": (_number,),
}
