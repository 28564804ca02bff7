"""Match domains, hosts and addresses against the lists of main.cf.

postconf(5): a list of domains, networks or addresses holds names, `/file` names and
`type:table` lookups; `!pattern` excludes, and the first item that matches decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.logical_lines import logical_lines
from labctl.node.mta.lib.config.main_cf import split_words

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config

MAX_FILE_DEPTH: Final = 100


class Item(NamedTuple):
    """One item of a list; `negated` is what `!` before it said."""

    matches: Callable[[str], bool]
    negated: bool


class MatchList:
    """A list of patterns of main.cf; the first item that matches decides."""

    __slots__ = ("_items",)

    def __init__(self, items: tuple[Item, ...]) -> None:
        self._items = items

    def __contains__(self, value: str) -> bool:
        for item in self._items:
            if item.matches(value):
                return not item.negated
        return False

    def __bool__(self) -> bool:
        return bool(self._items)


def domain_list(config: Config, name: str) -> MatchList:
    """Read a parameter that lists domains, such as mydestination or relay_domains."""
    parents = name in config.words("parent_domain_matches_subdomains")

    def literal(pattern: str) -> Callable[[str], bool]:
        return _domain_pattern(pattern.lower(), parents=parents)

    return _match_list(config, name, literal, _domain_keys if parents else _whole)


def string_list(config: Config, name: str) -> MatchList:
    """Read a parameter that lists plain names, such as defer_transports."""

    def literal(pattern: str) -> Callable[[str], bool]:
        folded = pattern.lower()
        return lambda value: value.lower() == folded

    return _match_list(config, name, literal, _whole)


def _match_list(
    config: Config,
    name: str,
    literal: Callable[[str], Callable[[str], bool]],
    keys: Callable[[str], Iterator[str]],
) -> MatchList:
    key = f"match list {keys.__name__}"

    def make(name: str) -> MatchList:
        words = _included(config.text(name), negated=False, depth=0)
        return MatchList(tuple(_items(config, name, words, literal, keys)))

    made: MatchList = config.remember(key, name, make)
    return made


def _items(
    config: Config,
    name: str,
    words: Iterator[tuple[str, bool]],
    literal: Callable[[str], Callable[[str], bool]],
    keys: Callable[[str], Iterator[str]],
) -> Iterator[Item]:
    for word, negated in words:
        if is_table(word):
            yield Item(_table_pattern(config, word, name, keys), negated)
        else:
            yield Item(literal(word), negated)


def is_table(pattern: str) -> bool:
    """Whether a pattern is `type:table`; IPv6 addresses in brackets are not."""
    kind, colon, _ = pattern.partition(":")
    return bool(colon) and kind.replace("-", "").isalnum() and not pattern.startswith("[")


def _included(text: str, *, negated: bool, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield the patterns of a list, with the content of `/file` items in their place."""
    if depth > MAX_FILE_DEPTH:
        raise Fatal(f"match list: files include each other: {text!r}")
    for word in split_words(text):
        pattern = word.lstrip("!")
        excludes = negated ^ ((len(word) - len(pattern)) % 2 == 1)
        if not pattern.startswith("/"):
            yield pattern, excludes
            continue
        for line in _lines_of(pattern):
            yield from _included(line, negated=excludes, depth=depth + 1)


def _lines_of(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            return [line.text for line in logical_lines(lines)]
    except OSError as error:
        raise Fatal(f"open file {path}: {error.strerror}") from error


def _domain_pattern(pattern: str, *, parents: bool) -> Callable[[str], bool]:
    if pattern.startswith("."):
        # postconf(5) parent_domain_matches_subdomains: ".domain" matches subdomains in lists
        # where "domain" does not.
        return lambda value: not parents and value.lower().endswith(pattern)
    if parents:
        below = f".{pattern}"
        return lambda value: value.lower() == pattern or value.lower().endswith(below)
    return lambda value: value.lower() == pattern


def _table_pattern(
    config: Config, table: str, name: str, keys: Callable[[str], Iterator[str]]
) -> Callable[[str], bool]:
    # Few lists name tables; those that do not need no table code.
    from labctl.node.mta.lib.maps import open_maps

    complaint = f"{name}: {{table}}: table lookup problem"
    maps = open_maps(table, config, name=name, complaint=complaint)

    def matches(value: str) -> bool:
        return any(maps.lookup(key) is not None for key in keys(value))

    return matches


def _whole(value: str) -> Iterator[str]:
    yield value


def _domain_keys(value: str) -> Iterator[str]:
    """Yield `a.b.c`, `b.c`, `c`: the names under which a table may hold a domain."""
    while value:
        yield value
        value = value.partition(".")[2]
