"""The POSIX expressions of the C library: regcomp(3) and regexec(3).

WHY
    Postfix asks the same functions: the longest of several matches, the same words for what
    is wrong with a pattern, and no pattern without a back reference takes exponential time.

NOT HERE
    Other C libraries than GNU's, whose structures look otherwise: ``is_there()`` says no.
"""

from __future__ import annotations

import ctypes
from functools import cache, lru_cache
from typing import Final

from labctl.node.mta.lib.maps.patterns.expression import Groups, MatchFailure
from labctl.node.mta.lib.maps.patterns.rules import RuleError

EXTENDED: Final = 1
IGNORE_CASE: Final = 2
NEWLINE: Final = 4
NO_MATCH: Final = 1


@cache
def is_there() -> bool:
    """Whether the C library is the one that this module knows."""
    return hasattr(_library(), "gnu_get_libc_version")


class LibcExpression:
    """One compiled pattern; it belongs to the process that compiled it and its children."""

    def __init__(self, source: str, flags: int) -> None:
        library = _library()
        self._compiled = ctypes.create_string_buffer(SIZE_OF_REGEX)
        before = library.uselocale(_c_locale())
        try:
            status = library.regcomp(self._compiled, encode(source), flags)
        finally:
            library.uselocale(before)
        if status:
            raise RuleError(_words(status, self._compiled))
        self._free = library.regfree  # what does not compile has freed itself
        self.group_count: int = WORD.from_buffer(self._compiled, NUMBER_OF_GROUPS).value
        self._execute = library.regexec

    def search(self, text: str) -> Groups | None:
        """Look for the longest of the leftmost matches."""
        data = encode(text)
        # Where no group is asked for, the library need not find out where it begins: most
        # texts match no rule, and are through with this.
        status = self._execute(self._compiled, data, 0, None, 0)
        if status == NO_MATCH:
            return None
        if status:
            raise MatchFailure(_words(status, self._compiled))
        return self._groups(data) if self.group_count else ()

    def _groups(self, data: bytes) -> Groups:
        places = (Place * (self.group_count + 1))()
        self._execute(self._compiled, data, len(places), places, 0)
        return tuple(
            data[place.start : place.end].decode("utf-8", "surrogateescape")
            if place.start >= 0
            else None
            for place in places[1:]
        )

    def __del__(self) -> None:
        if getattr(self, "_free", None):
            self._free(self._compiled)


# One text is shown to many patterns.
@lru_cache(maxsize=1)
def encode(text: str) -> bytes:
    """A C program sees a text up to its first NUL."""
    return text.partition("\0")[0].encode("utf-8", "surrogateescape")


class Place(ctypes.Structure):
    """regmatch_t."""

    _fields_ = [("start", ctypes.c_int), ("end", ctypes.c_int)]


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    library.regexec.argtypes = [pointer, ctypes.c_char_p, size, pointer, ctypes.c_int]
    library.newlocale.restype = library.uselocale.restype = ctypes.c_void_p
    library.newlocale.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    library.uselocale.argtypes = [ctypes.c_void_p]
    return library


@cache
def _c_locale() -> int | None:
    """Postfix never calls setlocale(3): a pattern sees bytes."""
    locale: int | None = _library().newlocale(ALL_CATEGORIES, b"C", None)
    return locale


def _words(status: int, compiled: ctypes.Array[ctypes.c_char]) -> str:
    text = ctypes.create_string_buffer(200)
    _library().regerror(status, compiled, text, len(text))
    return text.value.decode("ascii", "replace")


WORD: Final = ctypes.c_size_t
# struct re_pattern_buffer of <regex.h>: six words stand before the number of groups.
NUMBER_OF_GROUPS: Final = 6 * ctypes.sizeof(WORD)
SIZE_OF_REGEX: Final = 256  # more than enough
ALL_CATEGORIES: Final = 0x1FBF
