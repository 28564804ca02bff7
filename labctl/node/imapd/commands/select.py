"""SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3501 6.3.1, 6.3.2, 6.4.2; RFC 3691)."""

from __future__ import annotations

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.session import Session
from labctl.node.store.listener import MailboxError, NoSuchMailbox
from labctl.node.store.opening import How, open_mailbox
from labctl.node.wire.imap.args import Arguments


def select(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.3.1."""
    return _open(session, arguments, How(), call.name)


def examine(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.3.2."""
    return _open(session, arguments, How(readonly=True), call.name)


def close(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.4.2."""
    arguments.end()
    session.close_mailbox(expunge=True)
    return Done()


def unselect(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3691 2."""
    arguments.end()
    session.close_mailbox()
    return Done()


def _open(session: Session, arguments: Arguments, how: How, command: str) -> Done:
    name = arguments.astring().decode("utf-8", "surrogateescape")
    arguments.end()
    # RFC 3501 6.3.1: the mailbox before is closed, whether or not this one opens.
    session.close_mailbox()
    unknown = f"Can't open mailbox {name}: no such mailbox"
    try:
        mailbox = open_mailbox(session.place(name, unknown), session, session.host, how)
    except NoSuchMailbox as error:
        raise No(unknown) from error
    except MailboxError as error:
        raise No(str(error)) from error
    session.select(mailbox)
    session.report()
    readonly = mailbox.readonly or how.readonly
    return Done("[READ-ONLY]" if readonly else "[READ-WRITE]", f"{command} completed")
