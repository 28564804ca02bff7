"""The beginning and the end of a message's content, and what the client hears of it."""

from __future__ import annotations

from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.lib.services.cleanup import CleanupResult, Stat
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.message import envelope
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.transaction import Chunking, Transaction
from labctl.node.wire.smtp import Reply


def not_ready(session: Session) -> Reply | None:
    """The refusal of content that nobody announced, or that nobody is to get."""
    if session.transaction is None:
        return Reply.of("503 5.5.1 Error: need RCPT command")
    if not session.transaction.recipient_count or not session.transaction.submission:
        return Reply.of("554 5.5.1 Error: no valid recipients")
    return None


def begin(session: Session) -> None:
    """Content follows: put our own header in front of it."""
    transaction = session.transaction
    assert transaction is not None
    assert transaction.submission is not None
    transaction.submission.begin_content(envelope.header(session, transaction))


def end_of_message(session: Session, success: str) -> Reply:
    """All of the content is here: what the client hears of its message."""
    transaction = session.transaction
    assert transaction is not None
    assert transaction.submission is not None
    queue_id = transaction.queue_id
    refusal = _refuse_content(session, transaction)
    if refusal is not None:
        # Only the queue file is gone: sender and recipients stand until RSET, as in Postfix.
        transaction.submission, session.chunking = None, Chunking.NONE
        return refusal
    result = transaction.submission.finish(transaction.actions)
    transaction.submission = None
    session.forget_transaction()
    if not result.ok:
        return told(result)
    # A good message makes good for earlier errors.
    session.errors = session.junk = 0
    return Reply(250, "2.0.0", (success.format(queue_id=queue_id),))


def _refuse_content(session: Session, transaction: Transaction) -> Reply | None:
    """Before cleanup hears that the message is complete, and so can still be taken back."""
    assert transaction.submission is not None
    if not transaction.submission.failed:
        transaction.size = transaction.submission.size
        verdict = stages.check_end_of_data(session)
        if verdict is None:
            return None
        transaction.submission.close()
        return verdict.reply
    return None


def told(result: CleanupResult) -> Reply:
    """What cleanup says, to the client."""
    verdict = result.verdict
    if result.reason and verdict.stat & (Stat.CONT | Stat.DEFER):
        first = result.reason.split(" ", 1)[0]
        if len(first) == 3 and first.isdigit():
            return Reply.of(result.reason)
        status, text = dsn.split(result.reason, verdict.status)
        return Reply(verdict.code, status, (text,))
    text = verdict.text if verdict.stat is Stat.CONT else f"Error: {verdict.text}"
    return Reply(verdict.code, verdict.status, (text,))
