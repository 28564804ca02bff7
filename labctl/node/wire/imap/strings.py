"""Strings as an IMAP server writes them: NIL, quoted, or literal (RFC 3501 4.3)."""

from __future__ import annotations

import re
from typing import Final

_NOT_QUOTABLE: Final = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_NOT_ATOM: Final = re.compile(rb'[\x00-\x20(){"%*\\\x7f-\xff]')


def nstring(value: bytes | None) -> bytes:
    """NIL, quoted where that needs no escape, a literal otherwise."""
    if value is None:
        return b"NIL"
    if _NOT_QUOTABLE.search(value):
        return literal(value)
    return b'"%s"' % value


def literal(value: bytes) -> bytes:
    """A literal; RFC 3501 4.3 forbids NUL in it, which becomes 0x80 as in UW-IMAP."""
    return literal8(value.replace(b"\0", b"\x80"))


def literal8(value: bytes) -> bytes:
    """The octets as they are (RFC 3516)."""
    return b"{%d}\r\n%s" % (len(value), value)


def astring(value: bytes) -> bytes:
    """An atom where that is enough."""
    if not value or _NOT_ATOM.search(value):
        return nstring(value)
    return value
