"""What an access(5) entry or a policy server may say.

INPUT AND OUTPUT
    ``apply(evaluation, subject, table, value)``: the verdict of one entry.  An entry that
    starts with no action is a list of restrictions of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import PERMIT, Answer, Rejection, fit_status

Action = Callable[[Evaluation, Subject, str, str], Answer]


def apply(evaluation: Evaluation, subject: Subject, table: str, value: str) -> Answer:
    """Do what an entry says."""
    word, _, text = value.strip().partition(" ")
    text = text.strip()
    action = ACTIONS.get(word.upper())
    if action is not None:
        return action(evaluation, subject, table, text)
    # access(5): all numerical means OK, even where it looks like a code.
    if word.isdigit() and not text:
        return PERMIT
    if _is_code(word):
        return _with_code(evaluation, subject, int(word), text)
    return evaluation.run(evaluation, split_words(value), subject)


def _is_code(word: str) -> bool:
    return len(word) == 3 and word.isdigit() and word[0] in "45"


def _with_code(evaluation: Evaluation, subject: Subject, code: int, text: str) -> Answer:
    """``550 5.7.1 go away``: code, status and text are the administrator's."""
    status, why = dsn.split(text, f"{code // 100}.7.1")
    if code == 421:
        verdict = Rejection(code, status, _refused(subject, why), hang_up=True)
        return evaluation.refuse(verdict)
    return evaluation.reject(subject, code, status, _refused(subject, why))


def _ok(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    return PERMIT


def _dunno(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    return None


def _reject(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    status, why = dsn.split(text, "5.7.1")
    code = evaluation.env.config.number("access_map_reject_code")
    return evaluation.reject(subject, code, status, _refused(subject, why))


def _defer(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    status, why = dsn.split(text, "4.7.1")
    code = evaluation.env.config.number("access_map_defer_code")
    return evaluation.reject(subject, code, status, _refused(subject, why))


def _defer_if_permit(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    status, why = dsn.split(text, "4.7.1")
    why = why or "Service unavailable"
    return evaluation.postpone_permit(subject, 450, status, _refused(subject, why))


def _defer_if_reject(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    status, why = dsn.split(text, "4.7.1")
    why = why or "Service unavailable"
    return evaluation.postpone_reject(subject, 450, status, _refused(subject, why))


def _hang_up(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    status = fit_status("4.7.0", subject.reply_class)
    return evaluation.refuse(
        Rejection(421, status, "Service unavailable - hanging up", hang_up=True)
    )


def _discard(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    evaluation.note("discard", _about(subject, text or "triggers DISCARD action"))
    evaluation.actions.discard = True
    # Nobody will get the message: what follows cannot matter.
    return PERMIT


def _hold(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    evaluation.note("hold", _about(subject, text or "triggers HOLD action"))
    evaluation.actions.hold = True
    return None


def _delay(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    return _misused(evaluation, table, "DELAY", "is not implemented")


def _filter(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    if not text:
        return _misused(evaluation, table, "FILTER", "without transport:destination")
    if ":" not in text:
        return _misused(evaluation, table, f"FILTER {text}", "requires transport:destination")
    evaluation.note("filter", _about(subject, f"triggers FILTER {text}"))
    evaluation.actions.filter = text
    return None


def _redirect(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    if "@" not in text:
        return _misused(evaluation, table, f"REDIRECT {text}", "requires user@domain target")
    evaluation.note("redirect", _about(subject, f"triggers REDIRECT {text}"))
    evaluation.actions.redirect = text
    return None


def _bcc(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    if "@" not in text:
        return _misused(evaluation, table, f"BCC {text}", "requires user@domain target")
    evaluation.note("bcc", _about(subject, f"triggers BCC {text}"))
    evaluation.actions.bcc.append(text)
    return None


def _prepend(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    if evaluation.request.stage == "END-OF-MESSAGE":
        why = "must be used before smtpd_end_of_data_restrictions"
        return _misused(evaluation, table, "PREPEND", why)
    if ":" not in text:
        return _misused(evaluation, table, "PREPEND", "requires header: text")
    evaluation.actions.prepend.append(text)
    return None


def _info(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    evaluation.note("info", text or _about(subject, "triggers INFO action"))
    return None


def _warn(evaluation: Evaluation, subject: Subject, table: str, text: str) -> Answer:
    evaluation.note("warn", text or _about(subject, "triggers WARN action"))
    return None


def _misused(evaluation: Evaluation, table: str, action: str, why: str) -> Answer:
    evaluation.env.log.warning(f"access table {table}: action {action} {why}")
    return None


def _refused(subject: Subject, why: str) -> str:
    return f"<{subject.name}>: {subject.reply_class} rejected: {why or 'Access denied'}"


def _about(subject: Subject, what: str) -> str:
    return f"<{subject.name}>: {subject.reply_class} {what}"


# In the order of access(5).
ACTIONS: Final[Mapping[str, Action]] = {
    "OK": _ok,
    "RELAY": _ok,
    "REJECT": _reject,
    "DEFER": _defer,
    "DEFER_IF_REJECT": _defer_if_reject,
    "DEFER_IF_PERMIT": _defer_if_permit,
    "BCC": _bcc,
    "DISCARD": _discard,
    "DELAY": _delay,
    "DUNNO": _dunno,
    "FILTER": _filter,
    "HANGUP": _hang_up,
    "HOLD": _hold,
    "INFO": _info,
    "PREPEND": _prepend,
    "REDIRECT": _redirect,
    "WARN": _warn,
}
