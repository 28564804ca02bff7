"""What an access(5) entry or a policy server may say.

INPUT AND OUTPUT
    ``apply(evaluation, subject, source, value)``: the verdict of one entry.  An entry that
    starts with no action is a list of restrictions of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import (
    PERMIT,
    Answer,
    ConfigurationTrouble,
    HangUp,
)


class Source(NamedTuple):
    """Where an entry stands."""

    table: str
    key: str


Action = Callable[[Evaluation, Subject, Source, str], Answer]


def apply(evaluation: Evaluation, subject: Subject, source: Source, value: str) -> Answer:
    """Do what an entry says."""
    word, _, text = value.strip().partition(" ")
    text = text.strip()
    action = ACTIONS.get(word.upper())
    if action is not None:
        return action(evaluation, subject, source, text)
    # access(5): all numerical means OK, even where it looks like a code.
    if word.isdigit() and not text:
        return evaluation.permit(subject, word, f"from {source.table}")
    if _is_code(word):
        return _with_code(evaluation, subject, int(word), text)
    if ":" in value:
        return _refuse_tables(evaluation, source, value)
    return evaluation.run(evaluation, split_words(value), subject)


def _refuse_tables(evaluation: Evaluation, source: Source, value: str) -> Answer:
    """A table is opened before the first client comes, and cannot be found in another one."""
    warn = evaluation.env.log.warning
    warn(f"access table {source.table} has entry with lookup table: {value}")
    warn("do not specify lookup tables inside SMTPD access maps")
    warn("define a restriction class and specify its name instead.")
    raise ConfigurationTrouble(value)


def _is_code(word: str) -> bool:
    return len(word) == 3 and word.isdigit() and word[0] in "45"


def _with_code(evaluation: Evaluation, subject: Subject, code: int, text: str) -> Answer:
    """``550 5.7.1 go away``: code, status and text are the administrator's."""
    status, why = dsn.split(text, f"{code // 100}.7.1")
    return evaluation.reject(subject, code, status, _refused(subject, why))


def _ok(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    return evaluation.permit(subject, "OK", f"from {source.table}")


def _dunno(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    return None


def _reject(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    status, why = dsn.split(text, "5.7.1")
    code = evaluation.env.config.number("access_map_reject_code")
    return evaluation.reject(subject, code, status, _refused(subject, why))


def _defer(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    status, why = dsn.split(text, "4.7.1")
    code = evaluation.env.config.number("access_map_defer_code")
    return evaluation.reject(subject, code, status, _refused(subject, why))


def _defer_if_permit(
    evaluation: Evaluation, subject: Subject, source: Source, text: str
) -> Answer:
    status, why = dsn.split(text, "4.7.1")
    why = why or "Service unavailable"
    return evaluation.postpone_permit(subject, 450, status, _refused(subject, why))


def _defer_if_reject(
    evaluation: Evaluation, subject: Subject, source: Source, text: str
) -> Answer:
    status, why = dsn.split(text, "4.7.1")
    why = why or "Service unavailable"
    return evaluation.postpone_reject(subject, 450, status, _refused(subject, why))


def _hang_up(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    evaluation.note("hangup", text)
    raise HangUp(text)


def _discard(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    if _comes_too_early(evaluation, subject, source, "DISCARD"):
        return None
    evaluation.note("discard", _about(subject, text or "triggers DISCARD action"))
    evaluation.actions.discard = True
    # Nobody will get the message: what follows cannot matter.
    return PERMIT


def _hold(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    if _comes_too_early(evaluation, subject, source, "HOLD"):
        return None
    evaluation.note("hold", _about(subject, text or "triggers HOLD action"))
    evaluation.actions.hold = True
    return None


def _filter(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    if _comes_too_early(evaluation, subject, source, "FILTER"):
        return None
    if not text:
        return _misused(evaluation, source, "has FILTER entry without value")
    if ":" not in text:
        return _misused(evaluation, source, "requires transport:destination")
    evaluation.note("filter", _about(subject, f"triggers FILTER {text}"))
    evaluation.actions.filter = text
    return None


def _redirect(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    if _comes_too_early(evaluation, subject, source, "REDIRECT"):
        return None
    if "@" not in text:
        return _misused(evaluation, source, "requires user@domain target")
    evaluation.note("redirect", _about(subject, f"triggers REDIRECT {text}"))
    evaluation.actions.redirect = text
    return None


def _bcc(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    if _comes_too_early(evaluation, subject, source, "BCC"):
        return None
    if "@" not in text:
        return _misused(evaluation, source, "requires user@domain target")
    evaluation.note("bcc", _about(subject, f"triggers BCC {text}"))
    evaluation.actions.bcc.append(text)
    return None


def _prepend(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    if _comes_too_early(evaluation, subject, source, "PREPEND"):
        return None
    if evaluation.request.stage == "END-OF-MESSAGE":
        why = "must be used before smtpd_end_of_data_restrictions"
        evaluation.env.log.warning(f"access table {source.table}: action PREPEND {why}")
        return None
    if ":" not in text:
        return _misused(evaluation, source, "requires header: text")
    evaluation.actions.prepend.append(text)
    return None


def _info(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    evaluation.note("info", text)
    return None


def _warn(evaluation: Evaluation, subject: Subject, source: Source, text: str) -> Answer:
    evaluation.note("warn", text)
    return None


def _misused(evaluation: Evaluation, source: Source, why: str) -> Answer:
    evaluation.env.log.warning(f'access table {source.table} entry "{source.key}" {why}')
    return None


def _comes_too_early(
    evaluation: Evaluation, subject: Subject, source: Source, action: str
) -> bool:
    """There is no message yet that the action could be for."""
    if evaluation.env.config.flag("smtpd_delay_reject") or subject.reply_class not in EARLY:
        return False
    evaluation.env.log.warning(
        f"access table {source.table}: with smtpd_delay_reject=no, action {action} is always "
        f"skipped in {EARLY[0]} or {EARLY[1]} restrictions"
    )
    return True


def _refused(subject: Subject, why: str) -> str:
    return f"<{subject.name}>: {subject.reply_class} rejected: {why or 'Access denied'}"


def _about(subject: Subject, what: str) -> str:
    return f"<{subject.name}>: {subject.reply_class} {what}"


EARLY: Final = ("Client host", "Helo command")
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
    "DUNNO": _dunno,
    "FILTER": _filter,
    "HANGUP": _hang_up,
    "HOLD": _hold,
    "INFO": _info,
    "PREPEND": _prepend,
    "REDIRECT": _redirect,
    "WARN": _warn,
}
