"""LOGIN and AUTHENTICATE (RFC 3501 6.2.2, 6.2.3; initial response: RFC 4959)."""

from __future__ import annotations

from labctl.node.imapd.answers import Bad, Call, Done, No
from labctl.node.imapd.commands.capability import announced
from labctl.node.imapd.session import Session
from labctl.node.wire.imap.args import Arguments


def login(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.2.3."""
    user = arguments.astring().decode("utf-8", "surrogateescape")
    session.user = user.partition("*")[0]
    password = arguments.astring().decode("utf-8", "surrogateescape")
    arguments.end()
    if not session.door.login(user, password):
        raise No("Invalid login credentials")
    return _welcome(session)


def authenticate(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.2.2."""
    mechanism = arguments.astring().decode("latin-1").upper()
    initial = arguments.take_rest() if arguments.rest is not None else None
    if not session.door.knows(mechanism):
        raise Bad(f"Command unrecognized: AUTHENTICATE {mechanism}")
    if not session.door.authenticate(mechanism, initial):
        raise No(f"AUTHENTICATE {mechanism} failed")
    return _welcome(session)


def _welcome(session: Session) -> Done:
    assert session.account is not None
    capabilities = f"[CAPABILITY {announced(session)}]"
    return Done(capabilities, f"User {session.account.name} authenticated")
