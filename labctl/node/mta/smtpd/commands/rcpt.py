"""RCPT: to whom.  RFC 5321 4.1.1.3."""

from __future__ import annotations

from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands import path as paths
from labctl.node.mta.smtpd.commands.parameters import Refusal, rcpt_parameters
from labctl.node.mta.smtpd.limits import rates
from labctl.node.mta.smtpd.message import opening
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.transaction import Chunking, Transaction
from labctl.node.wire.smtp import Reply


def rcpt(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.3: name a recipient."""
    transaction = session.transaction
    if transaction is None:
        return Reply.of("503 5.5.1 Error: need MAIL command")
    if session.chunking is not Chunking.NONE:
        return Reply.of("503 5.5.1 Error: RCPT after BDAT")
    if limited := rates.recipient(session):
        return limited
    try:
        path = paths.read(session, argument, paths.TO)
        address = paths.address(session, path.written, paths.TO, utf8=transaction.smtputf8)
        parameters = rcpt_parameters(session, path.parameters)
    except Refusal as refusal:
        return refusal.reply
    limit = session.env.config.number("smtpd_recipient_limit")
    if limit and transaction.recipient_count >= limit:
        transaction.overshoot += 1
        return Reply.of("452 4.5.3 Error: too many recipients")
    verdict = stages.check_rcpt(session, address)
    if verdict is not None:
        return verdict.reply
    # RFC 3461 5.2.1: without ORCPT, what was written is the original recipient.
    kind = "rfc822" if path.bare.isascii() else "utf-8"
    original = parameters.orcpt or f"{kind};{path.bare}"
    accepted = Recipient(address, "", original, parameters.notify)
    return _add(session, transaction, accepted)


def _add(session: Session, transaction: Transaction, recipient: Recipient) -> Reply:
    submission = transaction.submission or opening.open_submission(session, transaction)
    if submission is None:
        return opening.queue_trouble(session)
    submission.add(recipient)
    transaction.recipient_count += 1
    transaction.recipient = transaction.recipient or recipient.address
    return Reply(250, "2.1.5", ("Ok",))
