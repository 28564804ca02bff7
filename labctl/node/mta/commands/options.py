"""Options of a command line, and the words of getopt(3) for those that do not exist."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config


class Options(NamedTuple):
    """The options in their order, and the words behind them."""

    pairs: tuple[tuple[str, str], ...]
    words: tuple[str, ...]

    def has(self, letter: str) -> bool:
        """Whether the option was given."""
        return any(name == letter for name, _ in self.pairs)

    def value(self, letter: str) -> str | None:
        """Return what the last of these options was given with."""
        return next((value for name, value in reversed(self.pairs) if name == letter), None)

    def values(self, letter: str) -> list[str]:
        """Return what all of these options were given with."""
        return [value for name, value in self.pairs if name == letter]


def pass_any_bytes() -> None:
    """Let standard input and output carry keys that are not UTF-8, as tables do."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")


def parse_options(argv: Sequence[str], letters: str, usage: str) -> Options:
    """Parse as getopt(3) does with a leading "+": options end at the first word."""
    program = argv[0].rpartition("/")[2]
    pairs: list[tuple[str, str]] = []
    words = iter(argv[1:])
    for word in words:
        if word == "--":
            break
        if word == "-" or not word.startswith("-"):
            return Options(tuple(pairs), (word, *words))
        try:
            pairs += _cluster(word[1:], letters, words)
        except _BadOption as bad:
            print(f"{program}: {bad}", file=sys.stderr)
            raise Fatal(f"usage: {usage}") from bad
    return Options(tuple(pairs), tuple(words))


class _BadOption(Exception):
    pass


def _cluster(word: str, letters: str, rest: Iterator[str]) -> list[tuple[str, str]]:
    """Read `-ab`, `-cvalue` or `-c value`."""
    pairs: list[tuple[str, str]] = []
    for position, letter in enumerate(word, start=1):
        place = letters.find(letter)
        if place < 0 or letter == ":":
            raise _BadOption(f"invalid option -- '{letter}'")
        if letters[place + 1 : place + 2] != ":":
            pairs.append((letter, ""))
            continue
        value = word[position:] or next(rest, None)
        if value is None:
            raise _BadOption(f"option requires an argument -- '{letter}'")
        return [*pairs, (letter, value)]
    return pairs


def read_for_later(directory: str | None = None) -> Config:
    """main.cf for the family of sendmail(1): what is wrong with it may be right an hour later.

    They say so with sysexits.h EX_TEMPFAIL, whatever the program does that they start.
    """
    try:
        return Config.read(directory)
    except Fatal as failure:
        failure.status = 75
        raise
