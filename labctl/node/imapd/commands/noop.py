"""NOOP, CHECK, LOGOUT, STARTTLS: little to do, an answer to give (RFC 3501 6.1, 6.2.1)."""

from __future__ import annotations

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.session import Session, State
from labctl.node.wire.imap.args import Arguments


def noop(_session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.1.2."""
    arguments.end()
    return Done()


def check(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.4.1."""
    arguments.end()
    session.mailbox.check()
    return Done()


def logout(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.1.3."""
    arguments.end()
    session.say(f"* BYE {session.host} IMAP4rev1 server terminating connection")
    session.close_mailbox()
    session.state = State.LOGOUT
    return Done()


def starttls(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.2.1; the handshake begins when the answer is sent."""
    arguments.end()
    if not session.offers_tls:
        raise No("This server does not support TLS")
    session.tls_begins = True
    return Done()
