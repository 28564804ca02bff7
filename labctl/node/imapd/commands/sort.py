"""SORT and THREAD, with their UID forms (RFC 5256)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from labctl.node.imapd import searching, sorting
from labctl.node.imapd.answers import Bad, Call, Done, No
from labctl.node.imapd.commands.search import shown_numbers
from labctl.node.imapd.session import Session
from labctl.node.wire.imap.args import Arguments
from labctl.node.wire.imap.search import Program, parse_program
from labctl.node.wire.imap.thread import Mail, Node, format_threads, ordered_subject, references

ALGORITHMS: Final[Mapping[str, Callable[[Sequence[Mail]], list[Node]]]] = {
    "ORDEREDSUBJECT": ordered_subject,
    "REFERENCES": references,
}


def sort(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 5256 3, BASE.6.4.SORT."""
    keys = sorting.parse_keys(arguments.parenthesized())
    program = _program(arguments)
    if keys is None:
        raise Bad(f"Bogus attribute list in {call.name}")
    numbers = sorting.sort(session, _find(session, program, "* SORT"), keys)
    session.say(" ".join(["* SORT", *map(str, shown_numbers(session, numbers, call))]))
    return Done()


def thread(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 5256 3, BASE.6.4.THREAD."""
    name = arguments.astring().decode("latin-1").upper()
    program = _program(arguments)
    algorithm = ALGORITHMS.get(name)
    if algorithm is None:
        session.say("* THREAD")
        raise No("No such thread type")
    numbers = _find(session, program, "* THREAD")
    shown = shown_numbers(session, numbers, call)
    messages = session.mailbox.messages
    mails = [
        sorting.mail_of(session, number, messages[number - 1], name)
        for number, name in zip(numbers, shown, strict=True)
    ]
    threads = format_threads(algorithm(mails))
    session.say(f"* THREAD {threads}".rstrip())
    return Done()


def _program(arguments: Arguments) -> Program:
    charset = arguments.astring().decode("latin-1")
    return parse_program(arguments, charset=charset)


def _find(session: Session, program: Program, empty_answer: str) -> list[int]:
    try:
        searching.check_charset(program.charset)
    except No:
        session.say(empty_answer)
        raise
    return searching.find(session, program)
