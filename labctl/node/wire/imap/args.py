"""The arguments of an IMAP command, taken one by one (RFC 3501 9).

INPUT AND OUTPUT
    ``Arguments(rest, read_literal)``: ``rest`` is what follows the command on its line, None if
    nothing does.  A literal is asked for only where an argument may be one; ``read_literal``
    then sends the continuation, and returns the octets and the line that follows them.

FAILURES
    ``MissingArgument`` and ``UnexpectedArgument``: the command answers BAD.

DEVIATION
    As c-client does, one space separates arguments, and what stands between the end of a
    quoted string and the next space makes the argument invalid.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# RFC 3501 "atom-specials", less the list wildcards where those are wanted.
_ATOM: Final = re.compile(rb'[^\x00-\x20(){"%*\\\x7f-\xff]+')
_PATTERN: Final = re.compile(rb'[^\x00-\x20(){"\\\x7f-\xff]+')
_QUOTED: Final = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"')
_LITERAL: Final = re.compile(rb"\{(\d+)(\+?)\}\Z")
_ESCAPE: Final = re.compile(rb"\\(.)")

LONGEST_LITERAL: Final = 10000

ReadLiteral = Callable[[int, bool], tuple[bytes, bytes]]


class BadArgument(Exception):
    """The command cannot be understood."""


class MissingArgument(BadArgument):
    """There is none, or it is not one."""


class UnexpectedArgument(BadArgument):
    """There is one too many."""


class AbsurdLiteral(MissingArgument):
    """The literal is longer than any argument may be."""


class Arguments:
    """The rest of a command line, read piece by piece."""

    def __init__(self, rest: bytes | None, read_literal: ReadLiteral) -> None:
        self.rest = rest or None
        self._read_literal = read_literal

    def end(self) -> None:
        """Nothing may follow."""
        if self.rest is not None:
            raise UnexpectedArgument

    def take_rest(self) -> bytes:
        """Everything that is left on this line."""
        if self.rest is None:
            raise MissingArgument
        rest, self.rest = self.rest, None
        return rest

    def word(self) -> bytes:
        """Up to the next space, whatever it is: a sequence set, an item name."""
        if self.rest is None or self.rest.startswith(b" "):
            raise MissingArgument
        word, space, rest = self.rest.partition(b" ")
        self.rest = rest if space and rest else None
        return word

    def astring(self) -> bytes:
        """An atom, a quoted string or a literal."""
        return self._string(_ATOM)

    def list_mailbox(self) -> bytes:
        """As ``astring``, with the wildcards of LIST."""
        return self._string(_PATTERN)

    def parenthesized(self) -> bytes:
        """What stands between a parenthesis and the one that closes it, without literals."""
        if self.rest is None or not self.rest.startswith(b"("):
            raise MissingArgument
        end = self.rest.find(b")")
        if end < 0:
            raise MissingArgument
        inner, after = self.rest[1:end], self.rest[end + 1 :]
        self._continue(after)
        return inner

    def literal_size(self) -> tuple[int, bool] | None:
        """The announcement of a literal that is next, and whether it is non-synchronizing."""
        match = _LITERAL.match(self.rest or b"")
        return (int(match[1]), bool(match[2])) if match else None

    def literal(self) -> bytes:
        """A literal of any size."""
        announced = self.literal_size()
        if announced is None:
            raise MissingArgument
        data, following = self._read_literal(*announced)
        self._continue(following)
        return data

    def pending_literal(self) -> int:
        """Octets of a non-synchronizing literal that nobody took: the client sends them."""
        match = re.search(rb"\{(\d+)\+\}\Z", self.rest or b"")
        return int(match[1]) if match else 0

    def _string(self, atom: re.Pattern[bytes]) -> bytes:
        rest = self.rest
        if rest is None:
            raise MissingArgument
        if rest.startswith(b'"'):
            match = _QUOTED.match(rest)
            if match is None:
                raise MissingArgument
            self._continue(rest[match.end() :])
            return _ESCAPE.sub(rb"\1", match[1])
        if rest.startswith(b"{"):
            announced = self.literal_size()
            if announced is not None and announced[0] > LONGEST_LITERAL:
                raise AbsurdLiteral
            return self.literal()
        match = atom.match(rest)
        if match is None:
            raise MissingArgument
        self._continue(rest[match.end() :])
        return match[0]

    def _continue(self, after: bytes) -> None:
        if after and not after.startswith(b" "):
            raise MissingArgument
        self.rest = after[1:] or None
