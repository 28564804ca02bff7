"""Open the queue file of a message: at its first recipient, or already at its sender."""

from __future__ import annotations

from labctl.node.mta.lib.services.cleanup import CleanupUnavailable
from labctl.node.mta.smtpd.message import envelope
from labctl.node.mta.smtpd.message.submission import Submission
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.transaction import Transaction
from labctl.node.wire.smtp import Reply


def open_submission(session: Session, transaction: Transaction) -> Submission | None:
    """The stream to cleanup; None when that does not answer."""
    try:
        opening = envelope.opening(session, transaction)
        transaction.submission = Submission.open(session.env, opening)
    except CleanupUnavailable as error:
        session.env.log.warning(str(error))
        return None
    return transaction.submission


def queue_trouble(session: Session) -> Reply:
    """What the client hears then, and the end of the session."""
    return session.end(f"421 4.3.0 {session.hostname} Error: queue file write error")
