"""Mail addresses in their two forms: as written on the wire, and as programs compare them.

INPUT AND OUTPUT
    External form: ``"ann smith"@example.test``, quoted where RFC 5322 3.4.1 demands it.
    Internal form: ``ann smith@example.test``, what lookups, logs and queue files use.
    ``internal()`` and ``external()`` convert; ``split()`` cuts at the last ``@``.

BUGS
    Groups (``name: a, b;``) are for header parsers, not for envelopes.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Address(NamedTuple):
    """A local part and its domain, both in internal form; the domain may be missing."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}" if self.domain else self.local


def split(address: str) -> Address:
    """Cut an internal address at its last ``@``; without one there is no domain."""
    local, at, domain = address.rpartition("@")
    return Address(local, domain) if at else Address(domain, "")


def internal(written: str) -> str:
    """Take quotes and backslashes away: ``"a b"@c`` becomes ``a b@c``."""
    if '"' not in written and "\\" not in written:
        return written
    out: list[str] = []
    characters = iter(written)
    for character in characters:
        if character == "\\":
            out.append(next(characters, ""))
        elif character != '"':
            out.append(character)
    return "".join(out)


def external(address: str) -> str:
    """Quote the local part where it is not a dot-atom: ``a b@c`` becomes ``"a b"@c``."""
    head, at, domain = address.rpartition("@")
    local = head if at else address
    if not address or is_dot_atom(local):
        return address
    # Also without a domain the "@" is part of the address: the sender "@" is not nobody.
    return f"{quote(local)}@{domain}" if at else quote(local)


def quote(local: str) -> str:
    """RFC 5322 3.2.4: a quoted-string that stands for ``local``."""
    return '"' + SPECIAL_IN_QUOTES.sub(r"\\\g<0>", local) + '"'


def is_dot_atom(local: str) -> bool:
    """RFC 5322 3.2.3, with UTF-8 as RFC 6531 3.3 has it."""
    return DOT_ATOM.fullmatch(local) is not None


# RFC 5322 3.2.3 atext and RFC 6532 3.2, said by what is left out: a class that names the whole
# of Unicode takes milliseconds to compile.
ATEXT: Final = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f]+'
DOT_ATOM: Final = re.compile(rf"{ATEXT}(?:\.{ATEXT})*")
SPECIAL_IN_QUOTES: Final = re.compile(r'["\\]')
