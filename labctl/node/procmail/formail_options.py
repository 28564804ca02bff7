"""The command line of formail(1) as a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from labctl.node.procmail import fields as f
from labctl.node.procmail.fields import Change, Field


@dataclass
class Options:
    """The command line of formail(1)."""

    switches: set[str] = field(default_factory=set)
    extract: list[tuple[str, bool]] = field(default_factory=list)  # (name, with its name)
    changes: list[tuple[Change, Field]] = field(default_factory=list)
    renames: list[tuple[str, str]] = field(default_factory=list)
    prefix: str = ">"  # -p: before the lines of a body that is kept in a reply
    cache: tuple[int, str] | None = None  # -D
    skip: int = 0  # +skip
    total: int = 0  # -total; 0 is all
    command: list[str] | None = None  # -s
    folder: str = ""  # -l: only say what procmail would have logged


class Usage(Exception):
    """What is wrong with the command line."""


def parse(words: list[str]) -> Options:
    """Options may be joined (-zxSubject:); what follows -s is a command."""
    options = Options()
    while words:
        word = words.pop(0)
        if word[:1] == "+" and word[1:].isdigit():
            options.skip = int(word[1:])
        elif word[:1] == "-" and word[1:].isdigit():
            options.total = int(word[1:])
        elif word[:1] == "-" and len(word) > 1:
            _letters(word[1:], words, options)
        else:
            raise Usage
    if "k" in options.switches and "r" not in options.switches:
        raise Usage
    # formail(1): whatever the order of the options, -a comes first and -I last.
    options.changes.sort(key=lambda change: ORDER.get(change[0], 0))
    return options


def _letters(letters: str, words: list[str], options: Options) -> None:
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in SWITCHES:
            options.switches.add(letter)
            continue
        if letter in NUMBERED:
            _number(letters, words, options)
            return
        if letter == "s":
            options.command, words[:] = list(words), []
            return
        value = letters or _next(words)
        if take := ARGUMENTS.get(letter):
            take(options, value, words)
            return
        raise Usage


def _number(letters: str, words: list[str], options: Options) -> None:
    """-n and -m: their number does not matter, as one command runs at a time."""
    rest = letters.lstrip("0123456789")
    if not letters and words and words[0].isdecimal():
        del words[0]
    _letters(rest, words, options)


def _next(words: list[str]) -> str:
    if not words:
        raise Usage
    return words.pop(0)


def _extract(whole: bool) -> Callable[[Options, str, list[str]], None]:
    def take(options: Options, text: str, _: list[str]) -> None:
        options.extract.append((text, whole))

    return take


def _change(apply: Change) -> Callable[[Options, str, list[str]], None]:
    def take(options: Options, text: str, _: list[str]) -> None:
        options.changes.append((apply, f.written(text)))

    return take


def _rename(options: Options, text: str, words: list[str]) -> None:
    options.renames.append((text, _next(words)))


def _folder(options: Options, text: str, _: list[str]) -> None:
    options.folder = text


def _prefix(options: Options, text: str, _: list[str]) -> None:
    options.prefix = text


def _cache(options: Options, text: str, words: list[str]) -> None:
    if not text.isdigit():
        raise Usage
    options.cache = (int(text), _next(words))


SWITCHES: Final = frozenset("bczfrktqdeYBv")
NUMBERED: Final = frozenset("nm")
ORDER: Final[Mapping[Change, int]] = {f.add: 1, f.rename_and_add: 2, f.replace: 3}
USAGE: Final = """\
Usage: formail [-vbczfrktqY] [-D nnn idcache] [-p prefix] [-l folder]
\t[-xXaAiIuU field] [-R ofield nfield]
   Or: formail [+nnn] [-nnn] [-bczfrktedqBY] [-D nnn idcache] [-p prefix]
\t[-n [nnn]] [-m nnn] [-l folder] [-xXaAiIuU field] [-R ofield nfield]
\t-s [prg [arg ...]]
"""
ARGUMENTS: Final[Mapping[str, Callable[[Options, str, list[str]], None]]] = {
    "x": _extract(False),
    "X": _extract(True),
    "a": _change(f.add_if_missing),
    "A": _change(f.add),
    "i": _change(f.rename_and_add),
    "I": _change(f.replace),
    "u": _change(f.keep_first),
    "U": _change(f.keep_last),
    "R": _rename,
    "l": _folder,
    "p": _prefix,
    "D": _cache,
}
