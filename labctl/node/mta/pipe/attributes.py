"""The arguments of a pipe(8) service in master.cf: flags=, user=, argv= and the others.

INPUT AND OUTPUT
    ``read(arguments, ...)`` returns ``Attributes``; what cannot be is ``Fatal``, because the
    service would do something else than its author thinks.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal, Log
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


def read(arguments: Sequence[str], service: str, config: Config, log: Log) -> Attributes:
    """Read what follows ``pipe`` in master.cf."""
    named, argv = _split(arguments)
    if "user" not in named:
        raise Fatal("missing user= command-line attribute")
    if not argv:
        raise Fatal("missing argv= command-line attribute")
    if unknown := next((name for name in named if name not in NAMES), None):
        raise Fatal(f"unknown attribute name: {unknown}")
    return Attributes(
        account=service_account(named["user"], config),
        argv=argv,
        flags=_flags(named.get("flags", ""), log),
        directory=named.get("directory", ""),
        end_of_line=unescape(named.get("eol", "\\n")),
        null_sender=named.get("null_sender", "MAILER-DAEMON"),
        size=_size(named.get("size", "0")),
    )


def unescape(text: str) -> bytes:
    """``\\r\\n`` as it is written in master.cf."""
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1")


def _split(arguments: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """Everything after argv= belongs to the command."""
    named: dict[str, str] = {}
    for index, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "argv":
            return named, (value, *arguments[index + 1 :])
        named[name] = value
    return named, ()


def _flags(text: str, log: Log) -> frozenset[Flag]:
    known = frozenset(Flag(letter) for letter in text if letter in FLAG_LETTERS)
    for letter in sorted(set(text) - FLAG_LETTERS):
        log.warning(f"unknown flag: {letter} (ignored)")
    return known


def conflict(attributes: Attributes, service: str, config: Config) -> str:
    """Why no mail can be delivered with these flags; empty when all is well."""
    # A header that names one recipient must not be seen by the others.
    name = f"{service}_destination_recipient_limit"
    for flag in sorted(attributes.flags & SINGLE_RECIPIENT):
        if config.number(name) != 1:
            return f"pipe flag `{flag}' requires {name} = 1"
    return ""


def _size(text: str) -> int:
    if not text.isdigit():
        raise Fatal(f"get_service_attr: bad size= value: {text}")
    return int(text)


def folded(flags: Iterable[Flag]) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """What h and u make of a domain and of a user."""
    return (
        str.lower if Flag.FOLD_USER in flags else str,
        str.lower if Flag.FOLD_DOMAIN in flags else str,
    )


NAMES: Final = frozenset(
    {"flags", "user", "directory", "chroot", "eol", "null_sender", "size", "argv"}
)
FLAG_LETTERS: Final = frozenset(flag.value for flag in Flag)
SINGLE_RECIPIENT: Final[frozenset[Flag]] = frozenset({Flag.DELIVERED_TO, Flag.ORIGINAL_TO})
