"""Limits on how much one client may do: connections at once, and events in a time unit.

INPUT AND OUTPUT
    ``connection`` is asked once, ``message`` and ``recipient`` at every MAIL and RCPT; each
    returns the refusal, or None.  anvil(8) counts, over all processes.
"""

from __future__ import annotations

from labctl.node.mta.lib.services import anvil
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def is_counted(session: Session) -> bool:
    """postconf(5) smtpd_client_event_limit_exceptions: whom no limit concerns."""
    config, client = session.env.config, session.peer
    if not any(config.number(name) for name in LIMITS):
        return False
    exempt = session.env.hosts("smtpd_client_event_limit_exceptions")
    return not exempt.matches(client.name, client.address)


def connection(session: Session) -> Reply | None:
    """postconf(5) smtpd_client_connection_count_limit and _rate_limit."""
    config, client = session.env.config, session.peer
    count, rate = session.env.rates.connect(session.env.service, client.address)
    most, fastest = (config.number(name) for name in LIMITS[:2])
    refusal = f"421 4.7.0 {session.hostname} Error: too many connections from {client.address}"
    if most and count > most:
        _warn(session, "Connection concurrency", count)
        return session.end(refusal)
    if fastest and rate > fastest:
        _warn(session, "Connection rate", rate)
        return session.end(refusal)
    return None


def message(session: Session) -> Reply | None:
    """postconf(5) smtpd_client_message_rate_limit."""
    rate = _count(session, "smtpd_client_message_rate_limit", anvil.MESSAGE)
    if rate is None:
        return None
    _warn(session, "Message delivery request rate", rate)
    return Reply.of(f"450 4.7.1 Error: too much mail from {session.peer.address}")


def recipient(session: Session) -> Reply | None:
    """postconf(5) smtpd_client_recipient_rate_limit."""
    rate = _count(session, "smtpd_client_recipient_rate_limit", anvil.RECIPIENT)
    if rate is None:
        return None
    _warn(session, "Recipient address rate", rate)
    return Reply.of(f"450 4.7.1 Error: too many recipients from {session.peer.address}")


def _count(session: Session, limit: str, event: str) -> int | None:
    """The rate, when it is over the limit."""
    most = session.env.config.number(limit)
    if not most or not is_counted(session):
        return None
    rate = session.env.rates.count(event, session.env.service, session.peer.address)
    return rate if rate > most else None


def _warn(session: Session, what: str, number: int) -> None:
    who, service = session.peer.namaddr, session.env.service
    session.env.log.warning(f"{what} limit exceeded: {number} from {who} for service {service}")


LIMITS = (
    "smtpd_client_connection_count_limit",
    "smtpd_client_connection_rate_limit",
    "smtpd_client_message_rate_limit",
    "smtpd_client_recipient_rate_limit",
)
