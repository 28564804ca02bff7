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
    local, domain = split(address)
    if not address or is_dot_atom(local):
        return address
    quoted = quote(local)
    return f"{quoted}@{domain}" if domain else quoted


def quote(local: str) -> str:
    """RFC 5322 3.2.4: a quoted-string that stands for ``local``."""
    return '"' + SPECIAL_IN_QUOTES.sub(r"\\\g<0>", local) + '"'


def is_dot_atom(local: str) -> bool:
    """RFC 5322 3.2.3, with UTF-8 as RFC 6531 3.3 has it."""
    return DOT_ATOM.fullmatch(local) is not None


class MalformedPath(ValueError):
    """This is no path; the text says why."""


class UnfinishedPath(MalformedPath):
    """A quote or bracket without its end, or something glued to the end of a path."""


def cut_path(text: str) -> tuple[str, str]:
    """Cut a path off the front of an argument: ``<a@b> SIZE=1`` -> ``("<a@b>", "SIZE=1")``.

    A path without angle brackets ends at white space.  White space inside of a quoted string
    or of brackets belongs to the path.  Raises UnfinishedPath when a quote or bracket is open.
    """
    depth, quoted, position = 0, False, 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "<>":
            depth += 1 if character == "<" else -1
            if depth == 0:
                return _cut(text, position + 1)
        elif not quoted and not depth and character in " \t":
            break
        position += 1
    if quoted or depth:
        raise UnfinishedPath("quote or bracket without an end")
    return text[:position], text[position:].lstrip()


def _cut(text: str, end: int) -> tuple[str, str]:
    path, rest = text[:end], text[end:]
    if rest and rest[0] not in " \t":
        raise MalformedPath("something behind the path")
    return path, rest.lstrip()


def path_address(path: str) -> str:
    """The internal address in a path: ``<"a b"@c>`` -> ``a b@c``; ``<>`` -> the empty string.

    Lenient as postconf(5) strict_rfc821_envelopes = no is: display names, comments and
    doubled brackets are passed over.  Raises MalformedPath for what is not one address.
    """
    # RFC 5322 3.2.2: comments do not belong to the address.
    bare = COMMENT.sub("", path) if "(" in path and '"' not in path else path
    if bare.count("<") > 1 and not DOUBLE_BRACKETS.fullmatch(bare):
        raise MalformedPath("more than one address")
    inside = bare[bare.find("<") + 1 : bare.rfind(">")] if "<" in bare else bare
    inside = inside.strip("<> \t")
    unquoted = QUOTED.sub("", inside)
    if WHITE_SPACE.search(unquoted):
        raise MalformedPath("white space in an address")
    # RFC 5321 4.1.2: a domain is never empty.
    if "@@" in unquoted or unquoted.endswith("@"):
        raise MalformedPath("empty domain")
    return internal(inside)


def strip_route(address: str) -> str:
    """RFC 5321 appendix C: ``@a,@b:ann@c`` means ``ann@c``."""
    return address.partition(":")[2] if ROUTE.match(address) else address


# RFC 5322 3.2.3 atext and RFC 6532 3.2, said by what is left out: a class that names the whole
# of Unicode takes milliseconds to compile.
ATEXT: Final = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f]+'
DOT_ATOM: Final = re.compile(rf"{ATEXT}(?:\.{ATEXT})*")
SPECIAL_IN_QUOTES: Final = re.compile(r'["\\]')
COMMENT: Final = re.compile(r"\([^()]*\)")
DOUBLE_BRACKETS: Final = re.compile(r"<+[^<>]*>+")
QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
WHITE_SPACE: Final = re.compile(r"[ \t]")
ROUTE: Final = re.compile(r"@[^:@,]+(?:,@[^:@,]+)*:")
