"""Address lists of a header as c-client reads them, mistakes included.

INPUT AND OUTPUT
    ``parse_list(text, complain)`` gives the addresses.  What cannot be understood becomes an
    address at ".SYNTAX-ERROR.", and ``complain`` hears what was wrong with it.

GROUPS
    RFC 3501 7.4.2: an address without host begins a group, one without anything ends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

SYNTAX_ERROR: Final = b".SYNTAX-ERROR."
MISSING_HOST: Final = b".MISSING-HOST-NAME."
_SHOWN: Final = 80

Complain = Callable[[str], None]


class Address(NamedTuple):
    """RFC 3501 7.4.2: one address of an envelope."""

    personal: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


_WORD: Final = re.compile(
    rb'"(?:[^"\\]|\\.)*"|(?:[^\x00-\x20()<>@,;:\\"\[\].]|\\.)+', re.DOTALL
)
_LOCAL: Final = re.compile(
    rb'(?:"(?:[^"\\]|\\.)*"|[^\x00-\x20()<>@,;:\\"\[\].]+)'
    rb'(?:\s*\.\s*(?:"(?:[^"\\]|\\.)*"|[^\x00-\x20()<>@,;:\\"\[\].]+)|\.)*',
    re.DOTALL,
)
_DOMAIN: Final = re.compile(
    rb'\[[^\]]*\]|[^\x00-\x20()<>@,;:\\"\[\].]+(?:\s*\.\s*[^\x00-\x20()<>@,;:\\"\[\].]+)*\.?'
)
# The two forms of nearly all mail: a@b, and Name <a@b>.
_COMMON: Final = re.compile(
    rb'(?:"([^"\\]*)" |([A-Za-z0-9][A-Za-z0-9 =?_\-+/]*?) )?'
    rb"(<)?([A-Za-z0-9_+\-=]+(?:\.[A-Za-z0-9_+\-=]+)*)@([A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*)(?(3)>)\Z"
)


def parse_list(text: bytes, complain: Complain) -> list[Address]:
    """All addresses of a header field."""
    match = _COMMON.match(text)
    if match is not None and (match[3] or match[1] is match[2]):
        personal = match[1] if match[1] is not None else match[2]
        return [Address(personal or None, None, match[4], match[5])]
    return _Parser(text, complain).address_list()


class _Parser:
    def __init__(self, text: bytes, complain: Complain) -> None:
        self.text, self.complain = text, complain
        self.at = 0
        self.comment: bytes | None = None

    def address_list(self) -> list[Address]:
        found: list[Address] = []
        self._skip()
        while self.at < len(self.text):
            while self._peek() == b",":
                self.at += 1
                self._skip()
            if self.at >= len(self.text):
                break
            addresses = self._group() or self._mailbox()
            if not addresses:
                self.complain(f"Invalid mailbox list: {self._shown(self.at)}")
                found.append(Address(None, None, b"INVALID_ADDRESS", SYNTAX_ERROR))
                break
            found += addresses
            self._skip()
            if self.at < len(self.text) and self._peek() != b",":
                found.append(self._garbage())
                break
        return found

    def _garbage(self) -> Address:
        rest = self._shown(self.at)
        if self._peek().isalnum() or self._peek() in b'"<':
            self.complain(f"Must use comma to separate addresses: {rest}")
        else:
            self.complain(f"Unexpected characters at end of address: {rest}")
        return Address(None, None, b"UNEXPECTED_DATA_AFTER_ADDRESS", SYNTAX_ERROR)

    # ------------------------------------------------------------ one address

    def _group(self) -> list[Address]:
        start = self.at
        phrase = self._phrase()
        self._skip()
        if phrase is None or self._peek() != b":":
            self.at = start
            return []
        self.at += 1
        members: list[Address] = []
        self._skip()
        while self.at < len(self.text) and self._peek() != b";":
            if self._peek() == b",":
                self.at += 1
            else:
                member = self._mailbox()
                if not member:
                    self.complain(f"Invalid group mailbox list: {self._shown(self.at)}")
                    members.append(
                        Address(None, None, b"INVALID_ADDRESS_IN_GROUP", SYNTAX_ERROR)
                    )
                    self.at = len(self.text)
                members += member
            self._skip()
        self.at += 1
        return [Address(None, None, phrase, None), *members, Address(None, None, None, None)]

    def _mailbox(self) -> list[Address]:
        if self._peek() == b"<":
            return self._route_address(None)
        start = self.at
        phrase = self._phrase()
        self._skip()
        if phrase is not None and self._peek() == b"<":
            found = self._route_address(phrase)
            if found:
                return found
        self.at = start
        return self._bare_address()

    def _bare_address(self) -> list[Address]:
        self.comment = None
        address = self._local_and_domain()
        if address is None:
            return []
        self._skip()
        return [address._replace(personal=self.comment)]

    def _route_address(self, personal: bytes | None) -> list[Address]:
        start = self.at
        self.at += 1
        self._skip()
        route = self._route()
        address = self._local_and_domain()
        if address is None:
            self.at = start
            return []
        address = address._replace(personal=personal or None, route=route)
        self._skip()
        if self._peek() == b">":
            self.at += 1
            return [address]
        host = address.host or b""
        name = b"%s@%s" % (address.mailbox or b"", host)
        self.complain(f"Unterminated mailbox: {name[:_SHOWN].decode('latin-1')}")
        return [address, Address(None, None, b"MISSING_MAILBOX_TERMINATOR", SYNTAX_ERROR)]

    def _route(self) -> bytes | None:
        """RFC 822 6.1: "@a,@b:", obsolete since 1989 and still sent."""
        hops: list[bytes] = []
        while self._peek() == b"@":
            self.at += 1
            domain = self._domain()
            if domain is None:
                break
            hops.append(b"@" + domain)
            self._skip()
            if self._peek() == b",":
                self.at += 1
                self._skip()
        if hops and self._peek() == b":":
            self.at += 1
        return b",".join(hops) or None

    def _local_and_domain(self) -> Address | None:
        self._skip()
        match = _LOCAL.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        self._skip()
        if self._peek() != b"@":
            return Address(None, None, unquoted(match[0]), MISSING_HOST)
        self.at += 1
        host = self._domain()
        if host is None:
            self.complain("Missing or invalid host name after @")
            host = SYNTAX_ERROR
        return Address(None, None, unquoted(match[0]), host)

    def _domain(self) -> bytes | None:
        self._skip()
        match = _DOMAIN.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return re.sub(rb"\s+", b"", match[0])

    def _phrase(self) -> bytes | None:
        start = end = self.at
        while True:
            match = _WORD.match(self.text, self.at)
            if match is None and not (end > start and self._peek() == b"."):
                break
            # Dots have no place in a phrase, but "John X. Doe" is what people write.
            self.at = end = match.end() if match else self.at + 1
            self._skip_blanks()
        self.at = end
        return unquoted(self.text[start:end]) if end > start else None

    # ------------------------------------------------------------ characters

    def _peek(self) -> bytes:
        return self.text[self.at : self.at + 1]

    def _skip(self) -> None:
        """Over blanks and comments; the last comment may be somebody's name."""
        while True:
            self._skip_blanks()
            if self._peek() != b"(" or not self._skip_comment():
                return

    def _skip_blanks(self) -> None:
        while self._peek() in (b" ", b"\t", b"\r", b"\n"):
            self.at += 1

    def _skip_comment(self) -> bool:
        depth, at = 0, self.at
        while at < len(self.text):
            character = self.text[at : at + 1]
            if character == b"\\":
                at += 1
            depth += (character == b"(") - (character == b")")
            at += 1
            if depth == 0:
                inner = self.text[self.at + 1 : at - 1].strip()
                self.comment = re.sub(rb"\\(.)", rb"\1", inner) or None
                self.at = at
                return True
        self.complain(f"Unterminated comment: {self._shown(self.at)}")
        self.at = len(self.text)
        return False

    def _shown(self, at: int) -> str:
        return self.text[at : at + _SHOWN].decode("latin-1")


def unquoted(text: bytes) -> bytes:
    """Quotes and the backslashes before quoted characters are not part of the word."""
    if b'"' not in text and b"\\" not in text:
        return text
    return _UNQUOTE.sub(lambda match: match[1] or b"", text)


_UNQUOTE: Final = re.compile(rb'\\(.)|"', re.DOTALL)
