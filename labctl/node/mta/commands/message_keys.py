"""The parts of a message that header and body checks look at: for `postmap -q - -bhm`.

STATES
    Headers of the message or, with "m", of a part or an attached message; then lines of a
    body, until a boundary of a multipart begins the headers of its next part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Final


def message_keys(lines: Iterable[str], parts: Set[str]) -> Iterator[str]:
    """Yield whole headers (with "h") and lines of the body (with "b")."""
    message = _Message(mime="m" in parts)
    for line in lines:
        yield from (key for part, key in message.take(line.rstrip("\n")) if part in parts)
    yield from (key for part, key in message.end() if part in parts)


class _Message:
    """Where in a message we are."""

    def __init__(self, *, mime: bool) -> None:
        self._mime = mime
        self._in_headers = True
        self._header = ""
        self._type = ""
        self._boundaries: list[str] = []

    def take(self, line: str) -> Iterator[tuple[str, str]]:
        """Yield what is complete now, as ("h", header) or ("b", line)."""
        if not self._in_headers:
            yield from self._body(line)
        elif self._header and line[:1] in (" ", "\t"):
            self._header += f"\n{line}"
        else:
            yield from self.end()
            if HEADER.match(line):
                self._header = line
            else:
                yield from self._end_of_headers(line)

    def end(self) -> Iterator[tuple[str, str]]:
        """Yield the header that no line continues."""
        if self._header:
            match = CONTENT_TYPE.match(self._header)
            self._type = match[1] if match else self._type
            yield "h", self._header
        self._header = ""

    def _end_of_headers(self, line: str) -> Iterator[tuple[str, str]]:
        """The empty line belongs to the body; where it is missing, it is thought of."""
        yield "b", ""
        kind, self._type = self._type.lstrip(), ""
        boundary = BOUNDARY.search(kind) if MULTIPART.match(kind) else None
        if boundary:
            self._boundaries.append(boundary[1] or boundary[2])
        self._in_headers = bool(self._mime and ATTACHED.match(kind))
        if line:
            yield from self.take(line)

    def _body(self, line: str) -> Iterator[tuple[str, str]]:
        yield "b", line
        if not (self._mime and line.startswith("--")):
            return
        for boundary in reversed(self._boundaries):
            # RFC 2046 5.1.1: white space may follow a boundary, and "--" ends the last part.
            rest = line[2 + len(boundary) :].rstrip()
            if line[2:].startswith(boundary) and rest in ("", "--"):
                del self._boundaries[self._boundaries.index(boundary) + (rest == "") :]
                self._in_headers = rest == ""
                return


HEADER: Final = re.compile(r"[!-9;-~]+[ \t]*:")
CONTENT_TYPE: Final = re.compile(r"content-type[ \t]*:(.*)", re.IGNORECASE | re.DOTALL)
MULTIPART: Final = re.compile(r"multipart/", re.IGNORECASE)
ATTACHED: Final = re.compile(r"message/(?:rfc822|global)\b", re.IGNORECASE)
BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
