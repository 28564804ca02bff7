"""MAIL and RCPT: who sends, and to whom."""

from __future__ import annotations

import os

from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupUnavailable
from labctl.node.mta.lib.services.rewrite import ResolveFlag, RewriteUnavailable
from labctl.node.mta.smtpd import limits, stages
from labctl.node.mta.smtpd.hello import hidden_keywords
from labctl.node.mta.smtpd.parameters import Refusal, mail_parameters, rcpt_parameters
from labctl.node.mta.smtpd.restrictions.verdict import Rejection
from labctl.node.mta.smtpd.session import Chunking, Session, Transaction
from labctl.node.mta.smtpd.submission import Submission
from labctl.node.wire import addresses, hostnames, smtp
from labctl.node.wire.addresses import MalformedPath, UnfinishedPath
from labctl.node.wire.smtp import Path, Reply


def mail(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.2: begin a transaction."""
    if misplaced := _mail_out_of_order(session):
        return misplaced
    if limited := limits.message(session):
        return limited
    try:
        path = _path(session, argument, "FROM:", allow_empty=True)
        parameters = mail_parameters(path.parameters, hidden_keywords(session))
    except Refusal as refusal:
        return refusal.reply
    transaction = session.begin_transaction(path.address)
    for name, value in parameters._asdict().items():
        setattr(transaction, name, value)
    verdict = _check_sender(session, transaction)
    if verdict is not None:
        session.forget_transaction()
        return verdict.reply
    return Reply(250, "2.1.0", ("Ok",))


def rcpt(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.3: name a recipient."""
    transaction = session.transaction
    if transaction is None:
        return Reply.of("503 5.5.1 Error: need MAIL command")
    if session.chunking is not Chunking.NONE:
        return Reply.of("503 5.5.1 Error: RCPT after BDAT")
    if limited := limits.recipient(session):
        return limited
    try:
        path = _path(session, argument, "TO:", allow_empty=False)
        parameters = rcpt_parameters(path.parameters, hidden_keywords(session))
    except Refusal as refusal:
        return refusal.reply
    limit = session.env.config.number("smtpd_recipient_limit")
    if limit and transaction.recipient_count >= limit:
        transaction.overshoot += 1
        return Reply.of("452 4.5.3 Error: too many recipients")
    verdict = stages.check_rcpt(session, path.address)
    if verdict is not None:
        return verdict.reply
    # RFC 3461 5.2.1: without ORCPT, what was written is the original recipient.
    kind = "rfc822" if path.written.isascii() else "utf-8"
    original = parameters.orcpt or f"{kind};{path.written}"
    accepted = Recipient(path.address, "", original, parameters.notify)
    return _add(session, transaction, accepted)


def _mail_out_of_order(session: Session) -> Reply | None:
    if session.env.config.flag("smtpd_helo_required") and session.helo is None:
        return Reply.of("503 5.5.1 Error: send HELO/EHLO first")
    if session.transaction is not None:
        return Reply.of("503 5.5.1 Error: nested MAIL command")
    if session.chunking is not Chunking.NONE:
        return Reply.of("503 5.5.1 Error: MAIL after BDAT")
    return None


def _path(session: Session, argument: str, keyword: str, *, allow_empty: bool) -> Path:
    whose, status = WHOSE[keyword]
    try:
        path = smtp.parse_path(argument, keyword)
    except MalformedPath as error:
        if not isinstance(error, UnfinishedPath):
            _complain(session, argument[len(keyword) :].strip())
        raise Refusal(f"501 {status} Bad {whose} address syntax") from None
    if path is None:
        raise Refusal(f"501 5.5.4 Syntax: {session.stage} {keyword}<address>")
    strict = session.env.config.flag("strict_rfc821_envelopes")
    fine = path.in_brackets or not strict
    if path.address:
        fine = fine and _is_address(session, path.address)
    elif not allow_empty:
        fine = False
    if not fine:
        _complain(session, f"<{path.written}>" if path.in_brackets else path.written)
        raise Refusal(f"501 {status} Bad {whose} address syntax")
    return path


def _complain(session: Session, written: str) -> None:
    session.env.log.warning(
        f"Illegal address syntax from {session.client.namaddr} in {session.stage} "
        f"command: {written}"
    )


def _is_address(session: Session, address: str) -> bool:
    """trivial-rewrite knows what can be an address."""
    sender = session.transaction.sender if session.transaction else ""
    try:
        resolved = session.env.resolve(sender, address)
    except RewriteUnavailable as error:
        raise Refusal("451 4.3.0 Error: address resolver failure") from error
    if resolved.flags & ResolveFlag.ERROR:
        return False
    domain = addresses.split(resolved.recipient).domain
    return hostnames.is_hostname(domain) or hostnames.is_address_literal(domain)


def _check_sender(session: Session, transaction: Transaction) -> Rejection | None:
    if not session.env.config.flag("smtpd_delay_reject"):
        verdict = stages.check_mail(session, transaction)
        if verdict is not None:
            return verdict
    return _check_size(session, transaction)


def _check_size(session: Session, transaction: Transaction) -> Rejection | None:
    """RFC 1870 6.1: no need to send what will not be taken."""
    config = session.env.config
    limit = config.number("message_size_limit")
    verdict = None
    if limit and transaction.size > limit:
        verdict = Rejection(552, "5.3.4", "Message size exceeds fixed limit")
    elif not _has_space(config.text("queue_directory"), config.number("queue_minfree"), limit):
        verdict = Rejection(452, "4.3.1", "Insufficient system storage")
    if verdict is not None:
        stages.note_rejection(session, verdict)
    return verdict


def _has_space(directory: str, minimum: int, limit: int) -> bool:
    """postconf(5) queue_minfree, and room for one and a half of the largest messages."""
    try:
        disk = os.statvfs(directory)
    except OSError:
        return True
    free = disk.f_bavail * disk.f_frsize
    return free > minimum and free > limit * 3 // 2


def _add(session: Session, transaction: Transaction, recipient: Recipient) -> Reply:
    if transaction.submission is None:
        try:
            transaction.submission = Submission.open(session, transaction)
        except CleanupUnavailable as error:
            session.env.log.warning(str(error))
            text = f"421 4.3.0 {session.hostname} Error: queue file write error"
            return session.end(text)
    transaction.submission.add(recipient)
    transaction.recipient_count += 1
    transaction.recipient = recipient.address
    return Reply(250, "2.1.5", ("Ok",))


WHOSE = {"FROM:": ("sender", "5.1.7"), "TO:": ("recipient", "5.1.3")}
