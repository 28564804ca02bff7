"""EXPUNGE and UID EXPUNGE (RFC 3501 6.4.3; RFC 4315 2.1)."""

from __future__ import annotations

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.session import Session
from labctl.node.store.mbox.mailbox import READONLY_IGNORES
from labctl.node.wire.imap import sets as imap_sets
from labctl.node.wire.imap.args import Arguments, MissingArgument


def expunge(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.4.3; with UID, RFC 4315 2.1."""
    if not call.uid:
        arguments.end()
        session.mailbox.expunge(lambda _message: True)
        return Done()
    if arguments.rest is None:
        raise MissingArgument
    text = arguments.take_rest()
    try:
        chosen = {message.uid for _, message in session.sequence(text, uid=True)}
    except imap_sets.BadSet as error:
        session.warn(READONLY_IGNORES)
        raise No(str(error)) from error
    session.mailbox.expunge(lambda message: message.uid in chosen)
    return Done()
