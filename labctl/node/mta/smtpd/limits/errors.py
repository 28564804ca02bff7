"""Clients that make errors: slowed down first, then sent away."""

from __future__ import annotations

from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def too_many_errors(session: Session) -> Reply | None:
    """postconf(5) smtpd_hard_error_limit: asked before every command."""
    if session.errors < session.env.config.number("smtpd_hard_error_limit"):
        return None
    text = f"421 4.7.0 {session.hostname} Error: too many errors"
    return session.end(text, "too many errors")


def is_slowed(session: Session) -> bool:
    """postconf(5) smtpd_soft_error_limit: from there on every reply is delayed."""
    return session.errors >= session.env.config.number("smtpd_soft_error_limit")


def count_junk(session: Session) -> None:
    """postconf(5) smtpd_junk_command_limit: from there on NOOP and the like are errors."""
    if session.junk > session.env.config.number("smtpd_junk_command_limit"):
        session.errors += 1
    session.junk += 1


def in_overshoot(session: Session) -> bool:
    """postconf(5) smtpd_recipient_overshoot_limit: so many are no offence."""
    assert session.transaction is not None
    limit = session.env.config.number("smtpd_recipient_overshoot_limit")
    return session.transaction.overshoot <= limit
