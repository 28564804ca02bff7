"""SEARCH and UID SEARCH (RFC 3501 6.4.4; RETURN: RFC 4731)."""

from __future__ import annotations

from typing import Final

from labctl.node.imapd import searching
from labctl.node.imapd.answers import Call, Done
from labctl.node.imapd.session import Session
from labctl.node.wire.imap.args import Arguments, MissingArgument
from labctl.node.wire.imap.search import parse_program
from labctl.node.wire.imap.sets import numbers_text

RETURN_OPTIONS: Final = ("MIN", "MAX", "ALL", "COUNT")


def search(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.4.4."""
    options = _return_options(arguments)
    program = parse_program(arguments, charset=_charset(arguments))
    searching.check_charset(program.charset)
    found = shown_numbers(session, searching.find(session, program), call)
    if options is None:
        session.say(" ".join(["* SEARCH", *map(str, found)]))
    else:
        uid = " UID" if call.uid else ""
        session.say(f'* ESEARCH (TAG "{call.tag}"){uid}{_extended(found, options)}')
    return Done()


def shown_numbers(session: Session, numbers: list[int], call: Call) -> list[int]:
    """The numbers themselves, or the UIDs of these messages."""
    if not call.uid:
        return numbers
    messages = session.mailbox.messages
    return [messages[number - 1].uid for number in numbers]


def _return_options(arguments: Arguments) -> list[str] | None:
    rest = arguments.rest
    if rest is None or not rest.upper().startswith(b"RETURN "):
        return None
    arguments.rest = rest[len(b"RETURN ") :]
    words = arguments.parenthesized().decode("latin-1").upper().split()
    if any(word not in RETURN_OPTIONS for word in words):
        raise MissingArgument
    return words or ["ALL"]  # RFC 4731 3.1: the default


def _charset(arguments: Arguments) -> str:
    rest = arguments.rest
    if rest is None or not rest.upper().startswith(b"CHARSET "):
        return ""
    arguments.rest = rest[len(b"CHARSET ") :]
    return arguments.astring().decode("latin-1")


def _extended(found: list[int], options: list[str]) -> str:
    """RFC 4731 3.1: MIN, MAX and ALL are left out when nothing was found."""
    values: dict[str, object] = {"COUNT": len(found)}
    if found:
        values |= {"MIN": found[0], "MAX": found[-1], "ALL": numbers_text(found)}
    shown = [word for word in RETURN_OPTIONS if word in options and word in values]
    return "".join(f" {word} {values[word]}" for word in shown)
