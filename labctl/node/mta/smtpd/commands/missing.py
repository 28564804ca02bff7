"""STARTTLS and AUTH: known by name, and not there."""

from __future__ import annotations

from labctl.node.mta.smtpd.commands.hello import HELO_FIRST
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def starttls(_session: Session, argument: str) -> Reply:
    """RFC 3207; not there."""
    if argument:
        return Reply.of("501 5.5.4 Syntax: STARTTLS")
    return Reply.of("502 5.5.1 Error: command not implemented")


def auth(session: Session, _argument: str) -> Reply:
    """RFC 4954; not there."""
    if session.env.config.flag("smtpd_helo_required") and session.helo is None:
        return HELO_FIRST
    return Reply.of("503 5.5.1 Error: authentication not enabled")
