"""CREATE, DELETE, RENAME (RFC 3501 6.3.3 to 6.3.5)."""

from __future__ import annotations

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.session import Session
from labctl.node.store import folders
from labctl.node.store.listener import MailboxError
from labctl.node.wire.imap.args import Arguments


def create(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.3."""
    name = _name(arguments)
    arguments.end()
    try:
        folders.create(session.folders, name)
    except MailboxError as error:
        raise No(str(error)) from error
    return Done()


def delete(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.4."""
    name = _name(arguments)
    arguments.end()
    if _is_selected(session, name):
        raise No("Can not DELETE the selected mailbox")
    try:
        folders.delete(session.folders, name)
    except MailboxError as error:
        raise No(str(error)) from error
    return Done()


def rename(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.5."""
    old, new = _name(arguments), _name(arguments)
    arguments.end()
    if _is_selected(session, old):
        raise No("Can not RENAME the selected mailbox")
    try:
        folders.rename(session.folders, old, new)
    except MailboxError as error:
        raise No(str(error)) from error
    return Done()


def _is_selected(session: Session, name: str) -> bool:
    try:
        return session.is_selected(session.folders.place(name))
    except MailboxError:
        return False


def _name(arguments: Arguments) -> str:
    return arguments.astring().decode("utf-8", "surrogateescape")
