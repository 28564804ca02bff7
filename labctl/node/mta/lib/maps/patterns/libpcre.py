"""Perl-compatible expressions of the PCRE2 library, which Debian always has (libselinux1).

WHY
    Postfix asks the same library: everything that pcre_table(5) promises, the same words for
    what is wrong with a pattern, and a limit for one that would backtrack for ever.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from labctl.node.mta.lib.maps.patterns.expression import Groups, MatchFailure
from labctl.node.mta.lib.maps.patterns.rules import RuleError

NAME: Final = "libpcre2-8.so.0"
NO_MATCH: Final = -1


@cache
def is_there() -> bool:
    """Whether this system has the library."""
    try:
        _library()
    except (OSError, AttributeError):
        return False
    return True


class PcreExpression:
    """One compiled pattern."""

    def __init__(self, source: str, flags: str) -> None:
        pattern = source.encode("utf-8", "surrogateescape")
        error, offset = ctypes.c_int(), ctypes.c_size_t()
        options = 0
        for flag in flags:
            options |= OPTIONS[flag]
        library = _library()
        self._code = library.pcre2_compile_8(
            pattern, len(pattern), options, ctypes.byref(error), ctypes.byref(offset), None
        )
        if not self._code:
            raise RuleError(f"error in regex at offset {offset.value}: {_words(error.value)}")
        self.group_count = self._info(CAPTURE_COUNT)
        self._execute = library.pcre2_match_8
        self._match = library.pcre2_match_data_create_from_pattern_8(self._code, None)
        self._places = library.pcre2_get_ovector_pointer_8(self._match)

    def search(self, text: str) -> Groups | None:
        """Look for the first match; the library gives up after ten million steps."""
        data = encode(text)
        count: int = self._execute(self._code, data, len(data), 0, 0, self._match, None)
        if count == NO_MATCH:
            return None
        if count < 0:
            raise MatchFailure(_words(count))
        return tuple(self._group(data, number, count) for number in self._numbers())

    def _numbers(self) -> range:
        return range(1, self.group_count + 1)

    def _group(self, data: bytes, number: int, count: int) -> str | None:
        start, end = self._places[2 * number], self._places[2 * number + 1]
        if number >= count or start == UNSET:
            return None
        return data[start:end].decode("utf-8", "surrogateescape")

    def _info(self, what: int) -> int:
        number = ctypes.c_uint32()
        _library().pcre2_pattern_info_8(self._code, what, ctypes.byref(number))
        return number.value

    def __del__(self) -> None:
        library = _library()
        if getattr(self, "_match", None):
            library.pcre2_match_data_free_8(self._match)
        if getattr(self, "_code", None):
            library.pcre2_code_free_8(self._code)


# One text is shown to many patterns.
@lru_cache(maxsize=1)
def encode(text: str) -> bytes:
    """The library sees octets, as Postfix shows them to it."""
    return text.encode("utf-8", "surrogateescape")


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(NAME)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    library.pcre2_compile_8.restype = pointer
    library.pcre2_compile_8.argtypes = [
        *(ctypes.c_char_p, size, ctypes.c_uint32),
        *(pointer, pointer, pointer),
    ]
    library.pcre2_match_data_create_from_pattern_8.restype = pointer
    library.pcre2_match_data_create_from_pattern_8.argtypes = [pointer, pointer]
    library.pcre2_get_ovector_pointer_8.restype = ctypes.POINTER(size)
    library.pcre2_get_ovector_pointer_8.argtypes = [pointer]
    library.pcre2_match_8.argtypes = [
        *(pointer, ctypes.c_char_p, size, size),
        *(ctypes.c_uint32, pointer, pointer),
    ]
    library.pcre2_pattern_info_8.argtypes = [pointer, ctypes.c_uint32, pointer]
    library.pcre2_match_data_free_8.argtypes = library.pcre2_code_free_8.argtypes = [pointer]
    return library


def _words(error: int) -> str:
    text = ctypes.create_string_buffer(200)
    _library().pcre2_get_error_message_8(error, text, ctypes.c_size_t(len(text)))
    return text.value.decode("ascii", "replace")


UNSET: Final = ctypes.c_size_t(-1).value
# <pcre2.h>
CAPTURE_COUNT: Final = 4
OPTIONS: Final[Mapping[str, int]] = {
    "i": 0x00000008,
    "m": 0x00000400,
    "s": 0x00000020,
    "x": 0x00000080,
    "A": 0x80000000,
    "E": 0x00000010,
    "U": 0x00040000,
    "X": 0,
}
