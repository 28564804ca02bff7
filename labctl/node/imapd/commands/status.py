"""STATUS: numbers about a mailbox that is not selected (RFC 3501 6.3.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.session import Session
from labctl.node.store.flags import SEEN
from labctl.node.store.listener import MailboxError, NoSuchMailbox
from labctl.node.store.mailbox import Mailbox, recent_count
from labctl.node.store.names import Place
from labctl.node.store.opening import How, open_mailbox
from labctl.node.wire.imap.args import Arguments, MissingArgument
from labctl.node.wire.imap.strings import astring

BESIDE: Final = How(readonly=True, silent=True)


def status(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.10."""
    name = arguments.astring()
    wanted = arguments.parenthesized().decode("latin-1").upper().split()
    arguments.end()
    if not wanted:
        raise MissingArgument
    text = name.decode("utf-8", "surrogateescape")
    unknown = f"Can't get status of mailbox {text}: no such mailbox"
    place = session.place(text, unknown)
    for word in wanted:
        if word not in ITEMS:
            session.say(f"* NO Unknown status flag {word}")
    numbers = _numbers(session, place, unknown)
    items = " ".join(f"{word} {numbers[word]}" for word in ITEMS if word in wanted)
    session.say(b"* STATUS %s (%s)" % (astring(name), items.encode()))
    return Done()


def _numbers(session: Session, place: Place, unknown: str) -> dict[str, int]:
    if session.is_selected(place):
        session.say(f"* NO CLIENT BUG DETECTED: STATUS on selected mailbox: {place.name}")
        return {word: count(session.mailbox) for word, count in ITEMS.items()}
    try:
        mailbox: Mailbox = open_mailbox(place, session.beside(), session.host, BESIDE)
    except NoSuchMailbox as error:
        raise No(unknown) from error
    except MailboxError as error:
        raise No(str(error)) from error
    try:
        return {word: count(mailbox) for word, count in ITEMS.items()}
    finally:
        mailbox.abandon()


def _messages(mailbox: Mailbox) -> int:
    return len(mailbox.messages)


def _unseen(mailbox: Mailbox) -> int:
    return sum(1 for message in mailbox.messages if not message.flags & SEEN)


def _uid_next(mailbox: Mailbox) -> int:
    return mailbox.uid_next


def _uid_validity(mailbox: Mailbox) -> int:
    return mailbox.uid_validity


# In the order in which UW-IMAP answers, whatever the client's was.
ITEMS: Final[Mapping[str, Callable[[Mailbox], int]]] = {
    "MESSAGES": _messages,
    "RECENT": recent_count,
    "UNSEEN": _unseen,
    "UIDNEXT": _uid_next,
    "UIDVALIDITY": _uid_validity,
}
