"""The command line of procmail(1) as a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

USAGE: Final = """\
Usage: procmail [-vptoY] [-f fromwhom] [parameter=value | rcfile] ...
   Or: procmail [-toY] [-f fromwhom] [-a argument] ... -d recipient ...
   Or: procmail [-ptY] [-f fromwhom] -m [parameter=value] ... rcfile [arg] ...
   Or: procmail [-toY] [-a argument] ... -z
"""
HELP: Final = """\
-v shows the version; -p keeps the environment; -t fails softly; -f and -o make the From line;
-Y is accepted; -a sets $1, $2, ...; -d delivers to users; -m filters; -z is not there.
Flags of recipes: H B D A a E e h b f i c w W r, as procmailrc(5) explains them.
"""


class HelpWanted(Exception):
    """-h, -?: how procmail is called."""


@dataclass
class Arguments:
    """The command line of procmail(1)."""

    preserve: bool = False  # -p
    temporary: bool = False  # -t: fail softly
    override: bool = False  # -o
    filter: bool = False  # -m
    version: bool = False
    sender: str | None = None  # -f
    numbered: list[str] = field(default_factory=list)  # -a: $1, $2, ...
    recipients: list[str] = field(default_factory=list)  # -d
    words: list[str] = field(default_factory=list)  # NAME=value and rcfiles
    complaints: list[str] = field(default_factory=list)  # mail goes on, whatever is wrong


def parse(argv: Sequence[str]) -> Arguments:
    """Options end at the first word that is none."""
    arguments, left = Arguments(), list(argv)
    while left and left[0].startswith("-"):
        _options(left.pop(0)[1:], left, arguments)
    (arguments.recipients if arguments.recipients else arguments.words).extend(left)
    return arguments


def _options(letters: str, left: list[str], arguments: Arguments) -> None:
    while letters:
        letter, letters = letters[0], letters[1:]
        if name := SWITCHES.get(letter):
            setattr(arguments, name, True)
        elif take := VALUES.get(letter):
            if not letters and not left:
                arguments.complaints.append(MISSING[letter])
                return
            take(arguments, letters or left.pop(0))
            return
        elif letter in "h?":
            raise HelpWanted
        elif letter not in IGNORED:
            strange = f'Unrecognised options: "{letter}"'
            arguments.complaints.append(f"{strange}\n{USAGE}Processing continued")
            return


def _sender(arguments: Arguments, value: str) -> None:
    arguments.sender = value


# procmail(1), in its order.
SWITCHES: Final[Mapping[str, str]] = {
    "v": "version",
    "p": "preserve",
    "t": "temporary",
    "o": "override",
    "m": "filter",
}
VALUES: Final[Mapping[str, Callable[[Arguments, str], None]]] = {
    "f": _sender,
    "a": lambda arguments, value: arguments.numbered.append(value),
    "d": lambda arguments, value: arguments.recipients.append(value),
}
MISSING: Final[Mapping[str, str]] = {
    "f": "Missing name",
    "a": "Missing argument",
    "d": "Missing recipient",
}
IGNORED: Final = "Y"  # Content-Length is never trusted here
