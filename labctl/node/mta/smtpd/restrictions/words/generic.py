"""Restrictions that look at nobody in particular: permit, reject, defer and their kind."""

from __future__ import annotations

from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import PERMIT, Answer


def permit(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Permit the request, whatever follows in the list."""
    return PERMIT


def reject(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Reject the request with reject_code."""
    code = evaluation.env.config.number("reject_code")
    return evaluation.reject(subject, code, "5.7.1", _refused(subject, "Access denied"))


def defer(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Refuse for now, with defer_code."""
    code = evaluation.env.config.number("defer_code")
    return evaluation.reject(subject, code, "4.3.2", _refused(subject, "Try again later"))


def defer_if_permit(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Turn a later "yes" into "try again"."""
    text = _refused(subject, "defer_if_permit requested")
    return evaluation.postpone_permit(subject, 450, "4.7.0", text)


def defer_if_reject(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Turn a later "no" into "try again"."""
    text = _refused(subject, "defer_if_reject requested")
    return evaluation.postpone_reject(subject, 450, "4.7.0", text)


def sleep(evaluation: Evaluation, _subject: Subject, argument: str) -> Answer:
    """Wait for some seconds before the next word."""
    evaluation.env.sleep(float(argument))
    return None


def reject_unauth_pipelining(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject a client that sends commands ahead where RFC 2920 3.1 forbids it."""
    if not evaluation.request.pipelined:
        return None
    text = _refused(subject, "Improper use of SMTP command pipelining")
    return evaluation.reject(subject, 503, "5.5.0", text)


def reject_plaintext_session(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject a session that is not encrypted: here, every session."""
    code = evaluation.env.config.number("plaintext_reject_code")
    return evaluation.reject(subject, code, "4.7.1", "Session encryption is required")


def reject_multi_recipient_bounce(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject the null sender with several recipients: a bounce has one."""
    request = evaluation.request
    # Before DATA the recipient at hand is not counted yet.
    pending = request.stage == "RCPT"
    if request.sender or request.recipient_count + pending < 2:
        return None
    code = evaluation.env.config.number("multi_recipient_bounce_reject_code")
    text = _refused(subject, "Multi-recipient bounce")
    return evaluation.reject(subject, code, "5.5.3", text)


def _refused(subject: Subject, why: str) -> str:
    return f"<{subject.name}>: {subject.reply_class} rejected: {why}"
