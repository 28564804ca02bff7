"""FETCH and UID FETCH (RFC 3501 6.4.5, 6.4.8)."""

from __future__ import annotations

from typing import Final

from labctl.node.imapd.answers import Bad, Call, Done, No
from labctl.node.imapd.content import structure_of
from labctl.node.imapd.fetching import GONE, fetch_item, needs_structure
from labctl.node.imapd.session import Session
from labctl.node.store.mailbox import Mode
from labctl.node.store.message import Message
from labctl.node.wire.imap import fetch as imap_fetch
from labctl.node.wire.imap.args import Arguments
from labctl.node.wire.imap.fetch import Item

UID: Final = Item("UID")


def fetch(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.4.5."""
    sequence = arguments.word()
    wanted = arguments.take_rest()
    messages = session.messages_in(call, sequence)
    items = _items(wanted, call, lenient=session.mode is Mode.SHARED)
    structure_first = any(needs_structure(item) for item in items)
    failure: No | None = None
    for number, message in messages:
        if structure_first:
            structure_of(session, message)
        failure = _answer(session, number, message, items) or failure
    if failure is not None:
        raise failure
    return Done()


def _items(text: bytes, call: Call, *, lenient: bool) -> list[Item]:
    try:
        items = imap_fetch.parse(text, lenient=lenient)
    except imap_fetch.BadItem as error:
        complaint = str(error) or f"Bogus attribute list in {call.name}"
        raise Bad(complaint) from error
    if call.uid and UID not in items:
        return [UID, *items]
    return items


def _answer(session: Session, number: int, message: Message, items: list[Item]) -> No | None:
    answers: list[bytes] = []
    failure = None
    for item in items:
        try:
            answers.append(fetch_item(session, message, item))
        except No as error:
            failure = error
    if answers or failure is not GONE:
        session.say(b"* %d FETCH (%s)" % (number, b" ".join(answers)))
        session.send_if_much()
    return failure
