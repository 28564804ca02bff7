"""RSET, NOOP and QUIT: the commands that only keep the session going, or end it."""

from __future__ import annotations

from labctl.node.mta.smtpd.session import OK, Session
from labctl.node.wire.smtp import Reply


def rset(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.5."""
    if argument:
        return Reply.of("501 5.5.4 Syntax: RSET")
    session.forget_transaction()
    return OK


def noop(_session: Session, _argument: str) -> Reply:
    """RFC 5321 4.1.1.9: an argument is ignored."""
    return OK


def quit_session(session: Session, _argument: str) -> Reply:
    """RFC 5321 4.1.1.10."""
    return session.end("221 2.0.0 Bye")
