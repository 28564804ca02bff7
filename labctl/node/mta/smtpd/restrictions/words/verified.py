"""reject_unverified_*: ask verify(8) whether mail to an address could be delivered."""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.mta.lib.services import verify
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import RECIPIENT_ADDRESS, SENDER_ADDRESS, Answer


class Parameters(NamedTuple):
    """postconf(5): the parameters of one of the two restrictions."""

    reject_code: str
    defer_code: str
    reject_reason: str
    tempfail_action: str
    status: str


def reject_unverified_sender(evaluation: Evaluation, _subject: Subject, _arg: str) -> Answer:
    """Reject a sender to whom mail cannot be delivered."""
    sender = evaluation.request.sender
    return _check(evaluation, sender, SENDER_ADDRESS) if sender else None


def reject_unverified_recipient(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Reject a recipient to whom mail cannot be delivered."""
    recipient = evaluation.request.recipient
    return _check(evaluation, recipient, RECIPIENT_ADDRESS) if recipient else None


def _check(evaluation: Evaluation, address: str, reply_class: str) -> Answer:
    config, row = evaluation.env.config, PARAMETERS[reply_class]
    known = _wait_for(evaluation, address)
    if known.status is verify.Status.OK:
        return None
    subject = Subject(address, reply_class, "")
    rejected = known.status is verify.Status.BOUNCE
    code = config.number(row.reject_code if rejected else row.defer_code)
    word = "undeliverable" if code >= 500 else "unverified"
    why = (config.text(row.reject_reason) if rejected else "") or known.text
    text = f"<{address}>: {reply_class} rejected: {word} address: {why}"
    if not rejected and config.text(row.tempfail_action) == "defer_if_permit":
        return evaluation.postpone_permit(subject, code, row.status, text)
    return evaluation.reject(subject, code, row.status, text)


def _wait_for(evaluation: Evaluation, address: str) -> verify.Known:
    """postconf(5) address_verify_poll_count: look a few times, then let the client wait."""
    env = evaluation.env
    for attempt in range(env.config.number("address_verify_poll_count")):
        if attempt:
            env.sleep(env.config.seconds("address_verify_poll_delay"))
        known = verify.query(env.config, address)
        if known.status is not verify.Status.TODO:
            return known
    return verify.Known(verify.Status.TODO, "Address verification in progress")


PARAMETERS: Final = {
    RECIPIENT_ADDRESS: Parameters(
        "unverified_recipient_reject_code",
        "unverified_recipient_defer_code",
        "unverified_recipient_reject_reason",
        "unverified_recipient_tempfail_action",
        "4.1.1",
    ),
    SENDER_ADDRESS: Parameters(
        "unverified_sender_reject_code",
        "unverified_sender_defer_code",
        "unverified_sender_reject_reason",
        "unverified_sender_tempfail_action",
        "4.1.7",
    ),
}
