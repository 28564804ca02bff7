"""The arguments of a pipe(8) service in master.cf: flags=, user=, argv= and the others.

INPUT AND OUTPUT
    ``read(arguments, ...)`` returns ``Attributes``; what cannot be is ``Fatal``, because the
    service would do something else than its author thinks.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.service_account import service_account


class Flag(enum.StrEnum):
    """pipe(8), in the order of its manual page."""

    BLANK_LINE = "B"
    DELIVERED_TO = "D"
    FROM_LINE = "F"
    ORIGINAL_TO = "O"
    RETURN_PATH = "R"
    FINAL = "X"
    FOLD_DOMAIN = "h"
    QUOTE = "q"
    FOLD_USER = "u"
    DOT_STUFF = "."
    QUOTE_FROM = ">"


class Attributes(NamedTuple):
    """What master.cf says of a service of pipe(8)."""

    account: Account
    argv: Sequence[str]
    flags: frozenset[Flag] = frozenset()
    directory: str = ""
    end_of_line: bytes = b"\n"
    null_sender: str = "MAILER-DAEMON"
    size: int = 0
    chroot: str = ""


def read(arguments: Sequence[str], config: Config) -> Attributes:
    """Read what follows ``pipe`` in master.cf."""
    named, argv = _split(arguments)
    if "user" not in named:
        raise Fatal("missing user= command-line attribute")
    if not argv:
        raise Fatal("missing argv= command-line attribute")
    return Attributes(
        account=service_account(named["user"], config),
        argv=argv,
        flags=_flags(named.get("flags", "")),
        directory=named.get("directory", ""),
        end_of_line=unescape(named.get("eol", "\\n")),
        null_sender=named.get("null_sender", "MAILER-DAEMON"),
        size=_size(named.get("size", "0")),
        chroot=named.get("chroot", ""),
    )


def unescape(text: str) -> bytes:
    """``\\r\\n`` as it is written in master.cf."""
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1")


def _split(arguments: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """Everything after argv= belongs to the command."""
    named: dict[str, str] = {}
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if not equals or name not in NAMES:
            raise Fatal(f"unknown attribute name: {argument}")
        if name == "argv":
            return named, (value, *arguments[index + 1 :])
        named[name] = value
    return named, ()


def _flags(text: str) -> frozenset[Flag]:
    for letter in text:
        if letter not in FLAG_LETTERS:
            raise Fatal(f"unknown flag: {letter} (ignored)")
    return frozenset(map(Flag, text))


def _size(text: str) -> int:
    if not text.isdigit():
        raise Fatal(f"get_service_attr: bad size= value: {text}")
    return int(text)


NAMES: Final = frozenset(
    {"flags", "user", "directory", "chroot", "eol", "null_sender", "size", "argv"}
)
FLAG_LETTERS: Final = frozenset(flag.value for flag in Flag)
