"""Read the source text of an alias database: `name: value, value` lines, aliases(5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from labctl.node.mta.lib.config.logical_lines import logical_lines
from labctl.node.mta.lib.maps.source import Entry


def alias_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Read the names without their quotes, and the values in the usual form."""
    for line in logical_lines(lines):
        tokens = TOKEN.findall(line.text)
        name, value = _split(tokens)
        if not name or not value:
            yield Entry(line.first, "", "", "need name:value pair")
        elif "@" in name:
            yield Entry(line.first, "", "", "name must be local")
        else:
            yield Entry(line.first, _unquote(_join(name)), _join(value))


def _split(tokens: list[str]) -> tuple[list[str], list[str]]:
    if ":" not in tokens:
        return tokens, []
    colon = tokens.index(":")
    return tokens[:colon], tokens[colon + 1 :]


def _join(tokens: list[str]) -> str:
    """Put one space where a reader wants one: after a comma, before <, between words."""
    pieces: list[str] = []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        pieces.append(_plain(token))
        between_words = token[0] not in OPERATORS and following[:1] not in OPERATORS
        if following and (token == "," or following == "<" or between_words):
            pieces.append(" ")
    return "".join(pieces)


def _plain(token: str) -> str:
    """Close what is left open, and take the backslash off what needs none."""
    if token.startswith('"'):
        return token if len(token) > 1 and QUOTED.fullmatch(token) else f'{token}"'
    return token if token.startswith("(") else re.sub(r"\\(.)", r"\1", token)


def _unquote(name: str) -> str:
    return QUOTED.sub(lambda match: re.sub(r"\\(.)", r"\1", match[1]), name)


OPERATORS: Final = "<>,;:.@[]"
QUOTED: Final = re.compile(r'"((?:\\.|[^"\\])*)"')
# RFC 822 3.3: quoted strings, comments, specials, atoms.
TOKEN: Final = re.compile(
    r'"(?:\\.|[^"\\])*"?|\((?:\\.|[^()\\])*\)?|[<>,;:.@\[\]]|(?:\\.|[^\s"(<>,;:.@\[\]\\])+'
)
