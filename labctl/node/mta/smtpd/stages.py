"""When which restriction list is asked: postconf(5) smtpd_delay_reject.

INPUT AND OUTPUT
    One function a stage; each returns the refusal, or None.

WHY AT RCPT
    Clients that are refused before they name a recipient try again for days, and the log
    would not say whose mail was lost.  So client, helo and sender lists wait for RCPT.
"""

from __future__ import annotations

from collections.abc import Callable

from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Request, Subject
from labctl.node.mta.smtpd.restrictions.language import decide, evaluate
from labctl.node.mta.smtpd.restrictions.verdict import (
    RECIPIENT_ADDRESS,
    SENDER_ADDRESS,
    Answer,
    LookupTrouble,
    Rejection,
)
from labctl.node.mta.smtpd.restrictions.words import unlisted
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.transaction import Transaction


def check_client(session: Session) -> Rejection | None:
    """At CONNECT, when nothing is delayed."""
    evaluation = _start(session, session.request())
    verdict = _client(evaluation)
    session.defer_if_permit = evaluation.defer_if_permit
    session.defer_if_reject = evaluation.defer_if_reject
    return verdict


def check_helo(session: Session, name: str) -> Rejection | None:
    """At HELO and EHLO."""
    evaluation = _start(session, session.request(helo=name))
    verdict = _helo(evaluation)
    session.defer_if_permit = evaluation.defer_if_permit
    session.defer_if_reject = evaluation.defer_if_reject
    return verdict


def check_mail(session: Session, transaction: Transaction) -> Rejection | None:
    """At MAIL."""
    # A transaction has a name of its own as soon as its sender is accepted.
    request = session.request(sender=transaction.sender, instance="")
    evaluation = _start(session, request, transaction)
    verdict = _sender(evaluation)
    transaction.defer_if_permit = evaluation.defer_if_permit
    transaction.defer_if_reject = evaluation.defer_if_reject
    return verdict


def check_rcpt(session: Session, recipient: str) -> Rejection | None:
    """At RCPT and VRFY: everything that was delayed, then relaying and the recipient itself."""
    # RFC 5321 4.5.1: somebody must always be reachable.
    if recipient.lower() == "postmaster":
        return None
    evaluation = _start(session, session.request(recipient=recipient), session.transaction)
    if session.env.config.flag("smtpd_delay_reject"):
        for stage in (_client, _helo, _sender):
            verdict = stage(evaluation)
            if verdict is not None:
                return verdict
    return _recipient(evaluation)


def check_data(session: Session) -> Rejection | None:
    """At DATA and at the first BDAT."""
    return _all_recipients(session, "smtpd_data_restrictions", "DATA", "Data command")


def check_end_of_data(session: Session) -> Rejection | None:
    """When the content is here, before cleanup is told that it is complete."""
    session.stage = "END-OF-MESSAGE"
    name = "END-OF-MESSAGE"
    return _all_recipients(session, "smtpd_end_of_data_restrictions", name, "End-of-data")


def check_etrn(session: Session, domain: str) -> Rejection | None:
    """At ETRN."""
    evaluation = _start(session, session.request(etrn_domain=domain))
    if session.env.config.flag("smtpd_delay_reject"):
        for stage in (_client, _helo):
            verdict = stage(evaluation)
            if verdict is not None:
                return verdict
    subject = Subject(domain, "Etrn command", "check_etrn_access")
    return _list(evaluation, "smtpd_etrn_restrictions", subject)


def _all_recipients(
    session: Session, parameter: str, name: str, reply_class: str
) -> Rejection | None:
    transaction = session.transaction
    assert transaction is not None
    # Of several recipients none is named: what is said concerns them all.
    recipient = transaction.recipient if transaction.recipient_count == 1 else None
    evaluation = _start(session, session.request(recipient=recipient), transaction)
    verdict = _list(evaluation, parameter, Subject(name, reply_class, ""))
    return verdict or _permit_refused(evaluation)


def _client(evaluation: Evaluation) -> Rejection | None:
    namaddr = evaluation.request.client.namaddr
    subject = Subject(namaddr, "Client host", "check_client_access")
    return _list(evaluation, "smtpd_client_restrictions", subject)


def _helo(evaluation: Evaluation) -> Rejection | None:
    name = evaluation.request.helo
    if name is None:
        return None
    subject = Subject(name, "Helo command", "check_helo_access")
    return _list(evaluation, "smtpd_helo_restrictions", subject)


def _sender(evaluation: Evaluation) -> Rejection | None:
    sender = evaluation.request.sender
    if sender is None:
        return None
    subject = Subject(sender, SENDER_ADDRESS, "check_sender_access")
    verdict = _list(evaluation, "smtpd_sender_restrictions", subject)
    if verdict is None and evaluation.env.config.flag("smtpd_reject_unlisted_sender"):
        return _guarded(evaluation, unlisted.check_sender)
    return verdict


def _recipient(evaluation: Evaluation) -> Rejection | None:
    config = evaluation.env.config
    name = evaluation.request.recipient or ""
    subject = Subject(name, RECIPIENT_ADDRESS, "check_recipient_access")
    lists = ["smtpd_recipient_restrictions", "smtpd_relay_restrictions"]
    if config.flag("smtpd_relay_before_recipient_restrictions"):
        lists.reverse()
    for parameter in lists:
        verdict = _list(evaluation, parameter, subject, is_first=parameter == lists[0])
        if verdict is not None:
            return verdict
    # VRFY promises nothing that a later RCPT could not take back.
    verdict = None if evaluation.request.stage == "VRFY" else _permit_refused(evaluation)
    if verdict is not None or evaluation.actions.discard:
        return verdict
    if not _checks_unknown_recipients(evaluation):
        return None
    return _guarded(evaluation, unlisted.check_recipient)


def _checks_unknown_recipients(evaluation: Evaluation) -> bool:
    config = evaluation.env.config
    if "no_unknown_recipient_checks" in config.words("receive_override_options"):
        return False
    return config.flag("smtpd_reject_unlisted_recipient")


def _permit_refused(evaluation: Evaluation) -> Rejection | None:
    """A "yes" is not final while a refusal could not be looked up."""
    if evaluation.defer_if_permit is None:
        return None
    verdict = evaluation.refuse(evaluation.defer_if_permit)
    return verdict if isinstance(verdict, Rejection) else None


def _list(
    evaluation: Evaluation, parameter: str, subject: Subject, *, is_first: bool = True
) -> Rejection | None:
    # What could not be looked up softens refusals of its own stage, not those of later ones.
    if is_first:
        evaluation.defer_if_reject = None
    words = evaluation.env.config.words(parameter)
    if not words:
        return None
    verdict = decide(evaluation, words, subject)
    return verdict if isinstance(verdict, Rejection) else None


def _guarded(evaluation: Evaluation, check: Callable[[Evaluation], Answer]) -> Rejection | None:
    """A check outside of a list, with the same answer to trouble."""
    try:
        answer = check(evaluation)
    except (LookupTrouble, MapError):
        text = f"<{evaluation.request.recipient}>: Temporary lookup failure"
        answer = evaluation.refuse(Rejection(451, "4.3.0", text))
    return answer if isinstance(answer, Rejection) else None


def _start(
    session: Session, request: Request, transaction: Transaction | None = None
) -> Evaluation:
    evaluation = Evaluation(session.env, request, evaluate)
    evaluation.defer_if_permit = session.defer_if_permit
    evaluation.defer_if_reject = session.defer_if_reject
    if transaction is not None:
        evaluation.actions = transaction.actions
        evaluation.defer_if_permit = transaction.defer_if_permit or session.defer_if_permit
        evaluation.defer_if_reject = transaction.defer_if_reject or session.defer_if_reject
    return evaluation


def note(session: Session, action: str, text: str) -> None:
    """Log what happens to the message at hand, in the words of the restrictions."""
    transaction = session.transaction
    recipient = transaction.recipient if transaction else None
    _start(session, session.request(recipient=recipient)).note(action, text)


def note_rejection(session: Session, verdict: Rejection) -> None:
    """Log a refusal that no list decided."""
    _start(session, session.request()).refuse(verdict)
