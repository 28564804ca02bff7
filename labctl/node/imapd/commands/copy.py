"""COPY and UID COPY (RFC 3501 6.4.7; COPYUID: RFC 4315)."""

from __future__ import annotations

from typing import Final

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.destination import destination
from labctl.node.imapd.fetching import GONE
from labctl.node.imapd.session import Session
from labctl.node.store import append as store
from labctl.node.store.flags import RECENT, keyword_names
from labctl.node.store.listener import MailboxError
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail
from labctl.node.wire.imap.args import Arguments
from labctl.node.wire.imap.sets import numbers_text

NO_DESTINATION: Final = "No such destination mailbox"


def copy(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.4.7."""
    sequence = arguments.word()
    name = arguments.astring().decode("utf-8", "surrogateescape")
    arguments.end()
    if not session.mailbox.messages:
        raise No("Mailbox is empty")
    messages = [message for _, message in session.messages_in(call, sequence)]
    place = destination(session, name, "copy", NO_DESTINATION)
    if not messages:
        return Done()
    try:
        mails = [_new_mail(session, message) for message in messages]
        appended = store.append(
            place, mails, session.beside(), session.host, "Can't open destination mailbox"
        )
    except MailboxError as error:
        raise No(str(error)) from error
    if appended is None:
        return Done()
    if appended.format != session.mailbox.format:
        formats = f"{session.mailbox.format} -> {appended.format}"
        session.inform(f"Cross-format ({formats}) COPY completed")
    uids = numbers_text(message.uid for message in messages)
    return Done(f"[COPYUID {appended.uid_validity} {uids} {numbers_text(appended.uids)}]")


def _new_mail(session: Session, message: Message) -> NewMail:
    mailbox = session.mailbox
    content = mailbox.header(message) + mailbox.text(message)
    if mailbox.gone(message):  # RFC 2180 4.4.1: nothing is copied then
        raise GONE
    return NewMail(
        content,
        mailbox.sender_line(message),
        message.flags & ~RECENT,
        tuple(keyword_names(message.keywords, mailbox.keywords)),
        old=True,
    )
