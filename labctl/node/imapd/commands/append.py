"""APPEND: messages that the client brings (RFC 3501 6.3.11; RFC 3502, 4315)."""

from __future__ import annotations

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.destination import destination
from labctl.node.imapd.session import Session, State
from labctl.node.store import append as store
from labctl.node.store.flags import SYSTEM
from labctl.node.store.from_line import Moment
from labctl.node.store.listener import MailboxError
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail, new_from_line
from labctl.node.wire.dates import parse_date_time
from labctl.node.wire.imap.args import Arguments
from labctl.node.wire.imap.sets import numbers_text


def append(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.11."""
    name = arguments.astring().decode("utf-8", "surrogateescape")
    complaint = f"Can't append to mailbox {name}: no such mailbox"
    place = destination(session, name, "append", complaint)
    mails = [_message(session, arguments)]
    while arguments.rest is not None:
        mails.append(_message(session, arguments))
    try:
        appended = _add(session, place, mails)
    except MailboxError as error:
        raise No(str(error)) from error
    if appended is None:
        return Done()
    return Done(f"[APPENDUID {appended.uid_validity} {numbers_text(appended.uids)}]")


def _add(session: Session, place: Place, mails: list[NewMail]) -> store.Appended | None:
    if session.state is State.SELECTED and store.takes_more(session.mailbox, place):
        return store.append_here(session.mailbox, mails, session)
    return store.append(
        place, mails, session.beside(), session.host, "Can't open append mailbox"
    )


def _message(session: Session, arguments: Arguments) -> NewMail:
    words: list[str] = []
    if arguments.rest is not None and arguments.rest.startswith(b"("):
        words = arguments.parenthesized().decode("latin-1").split()
    when = _date(arguments)
    content = arguments.literal()
    if not content:
        raise No("Append of zero-length message")
    assert session.account is not None
    from_line = new_from_line(session.account.name, session.host, when)
    flags, keywords = _flags(session, words)
    return NewMail(content, from_line, flags, keywords)


def _date(arguments: Arguments) -> Moment | None:
    if arguments.rest is None or not arguments.rest.startswith(b'"'):
        return None
    text = arguments.astring()
    date = parse_date_time(text)
    if date is None:
        raise No(f"Bad date in append: {text.decode('latin-1')}")
    return Moment(date.epoch, text[-5:].decode("latin-1"))


def _flags(session: Session, words: list[str]) -> tuple[int, tuple[str, ...]]:
    flags = 0
    for word in words:
        if word.startswith("\\"):
            if word.upper() not in SYSTEM:
                session.warn(f"Unsupported system flag: {word}")
            flags |= SYSTEM.get(word.upper(), 0)
    return flags, tuple(word for word in words if not word.startswith("\\"))
