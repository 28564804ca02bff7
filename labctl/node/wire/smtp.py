"""SMTP as text: command lines and their arguments, replies.  RFC 5321 4.1 and 4.2.

INPUT AND OUTPUT
    ``parse_command(line)`` -> Command(verb, argument); ``parse_path(...)`` -> a path with its
    parameters; ``Reply`` renders itself as the lines that go to the client.
"""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from labctl.node.wire import paths

# RFC 5321 4.5.3.1.5: 512 with CRLF.
REPLY_LIMIT: Final = 510


class Command(NamedTuple):
    """One command line: the verb in upper case, the rest as it came."""

    verb: str
    argument: str


class Path(NamedTuple):
    """The argument of MAIL or RCPT."""

    written: str  # as the client wrote it
    parameters: tuple[str, ...]

    @property
    def bare(self) -> str:
        """Without the brackets around it."""
        return self.written.removeprefix("<").removesuffix(">")


class Reply(NamedTuple):
    """One reply; ``lines`` has several entries for EHLO."""

    code: int
    status: str  # RFC 3463; "" for greetings and 3xx (RFC 2034 4)
    lines: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Reply:
        """``250 2.1.0 Ok`` taken apart."""
        match = REPLY.fullmatch(text)
        if match is None:
            raise ValueError(f"not a reply: {text!r}")
        return cls(int(match["code"]), match["status"] or "", (match["text"],))

    @property
    def text(self) -> str:
        """All lines in one."""
        return "\n".join(self.lines)

    @property
    def is_error(self) -> bool:
        """4xx and 5xx."""
        return self.code >= 400

    def __str__(self) -> str:
        """The last line, as log lines show a refusal."""
        return " ".join(part for part in (str(self.code), self.status, self.lines[-1]) if part)

    def encode(self) -> bytes:
        """The bytes on the wire, line ends included."""
        return _encode(self)

    def softened(self) -> Reply:
        """The same as a temporary error: postconf(5) soft_bounce."""
        if self.code < 500:
            return self
        status = "4" + self.status[1:] if self.status else ""
        return Reply(self.code - 100, status, self.lines)


# Most replies are the same all day long.
@functools.lru_cache(maxsize=64)
def _encode(reply: Reply) -> bytes:
    status = f"{reply.status} " if reply.status else ""
    last = len(reply.lines) - 1
    out = [
        f"{reply.code}{' ' if index == last else '-'}{status}{_printable(line)}"
        for index, line in enumerate(reply.lines)
    ]
    return b"".join(
        line.encode("utf-8", "surrogateescape")[:REPLY_LIMIT] + b"\r\n" for line in out
    )


def parse_command(line: str) -> Command:
    """The verb ends at white space, any of it; what is around the argument is dropped too."""
    verb, *argument = [*line.split(None, 1), ""]
    return Command(verb.upper(), argument[0].strip(WHITE_SPACE) if argument else "")


def parse_path(argument: str, keyword: str) -> Path | None:
    """``FROM:<a@b> SIZE=1`` with keyword ``FROM:``; None when the keyword or path is missing.

    Raises UnfinishedPath for a path that does not end.
    """
    if argument[: len(keyword)].upper() != keyword:
        return None
    rest = argument[len(keyword) :].lstrip(" \t")
    if not rest:
        return None
    written, rest = paths.cut(rest)
    return Path(written, paths.words(rest))


def parameter_values(parameters: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Each ``KEY=value`` as (KEY, value, as it came)."""
    split = [(word.partition("="), word) for word in parameters]
    return [(parts[0].upper(), parts[2], word) for parts, word in split]


def _printable(text: str) -> str:
    return UNPRINTABLE.sub(" ", text)


WHITE_SPACE: Final = " \t\r\n\v\f"
REPLY: Final = re.compile(
    r"(?P<code>[2-5]\d\d)(?: (?P<status>[245]\.\d{1,3}\.\d{1,3}))?(?: (?P<text>.*))?", re.DOTALL
)
# A surrogate is a byte that nobody could read.
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\udc80-\udcff]")
