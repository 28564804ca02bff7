"""MAIL: who sends.  RFC 5321 4.1.1.2."""

from __future__ import annotations

import os
from collections.abc import Mapping

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands import path as paths
from labctl.node.mta.smtpd.commands.hello import HELO_FIRST
from labctl.node.mta.smtpd.commands.parameters import (
    Refusal,
    announces_utf8,
    mail_parameters,
)
from labctl.node.mta.smtpd.limits import rates
from labctl.node.mta.smtpd.message import opening
from labctl.node.mta.smtpd.restrictions.verdict import Rejection
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.transaction import Chunking, Transaction
from labctl.node.wire.smtp import Reply


def mail(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.2: begin a transaction."""
    if misplaced := _out_of_order(session):
        return misplaced
    if limited := rates.message(session):
        return limited
    try:
        path = paths.read(session, argument, paths.FROM)
        utf8 = announces_utf8(session, path.parameters)
        sender = paths.address(session, path.written, paths.FROM, utf8=utf8)
        parameters = mail_parameters(session, path.parameters)
        if parameters.verp is not None and not sender:
            raise Refusal("503 5.5.4 Error: XVERP requires non-null sender")
    except Refusal as refusal:
        return refusal.reply
    transaction = session.begin_transaction(sender)
    for name, value in parameters._asdict().items():
        setattr(transaction, name, value)
    verdict = _check_sender(session, transaction)
    if verdict is not None:
        session.forget_transaction()
        return verdict.reply
    opens = not session.env.config.flag("smtpd_delay_open_until_valid_rcpt")
    if opens and opening.open_submission(session, transaction) is None:
        return opening.queue_trouble(session)
    return Reply(250, "2.1.0", ("Ok",))


def _out_of_order(session: Session) -> Reply | None:
    if session.env.config.flag("smtpd_helo_required") and session.helo is None:
        return HELO_FIRST
    if session.transaction is not None:
        return Reply.of("503 5.5.1 Error: nested MAIL command")
    if session.chunking is not Chunking.NONE:
        return Reply.of("503 5.5.1 Error: MAIL after BDAT")
    return None


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
    verdict, shortage = None, ""
    if limit and transaction.size > limit:
        verdict = Rejection(552, "5.3.4", "Message size exceeds fixed limit")
    elif shortage := _shortage(config.text("queue_directory"), _wanted_space(config, limit)):
        verdict = Rejection(452, "4.3.1", "Insufficient system storage")
    if shortage:
        # Postfix looks at the disk before it has taken note of the sender.
        session.forget_transaction()
    if verdict is not None:
        stages.note_rejection(session, verdict)
    if shortage:
        session.env.log.warning(f"not enough free space in mail queue: {shortage}")
    return verdict


def _wanted_space(config: Config, limit: int) -> dict[str, float]:
    """postconf(5) queue_minfree, and room for one and a half of the largest messages."""
    minimum = config.number("queue_minfree")
    return {"min free": minimum, "1.5*message size limit": limit * 1.5}


def _shortage(directory: str, wanted: Mapping[str, float]) -> str:
    """How much there is, and which of the limits is above that; "" when all is well."""
    try:
        disk = os.statvfs(directory)
    except OSError:
        return ""
    free = disk.f_bavail * disk.f_frsize
    missing = (name for name, limit in wanted.items() if limit and free <= limit)
    return next((f"{free} bytes < {name}" for name in missing), "")
