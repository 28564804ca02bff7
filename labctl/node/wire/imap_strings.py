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
    return b"{%d}\r\n%s" % (len(value), value)


def astring(value: bytes) -> bytes:
    """An atom where that is enough."""
    if not value or _NOT_ATOM.search(value):
        return nstring(value)
    return value
