"""Restriction lists, read from left to right: the first opinion counts.

INPUT AND OUTPUT
    ``evaluate(evaluation, words, subject)`` returns the first verdict of a list, or None.
    A word is a row of ``RESTRICTIONS``, a restriction class, or a lookup table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.table import RESTRICTIONS
from labctl.node.mta.smtpd.restrictions.verdict import (
    PERMIT,
    Answer,
    ConfigurationTrouble,
    LookupTrouble,
    Rejection,
)

DEPTH_LIMIT: Final = 100


def evaluate(evaluation: Evaluation, words: Sequence[str], subject: Subject) -> Answer:
    """The verdict of one list; nested lists are bounded, a class may name itself."""
    if evaluation.depth >= DEPTH_LIMIT:
        evaluation.env.log.warning(
            f"SMTPD access restriction recursion limit exceeded: {words}"
        )
        raise ConfigurationTrouble("recursion")
    evaluation.depth += 1
    inherited = evaluation.warning
    try:
        answer = _first_opinion(evaluation, words, subject)
    finally:
        evaluation.depth -= 1
        evaluation.warning = inherited
    return _respect_failed_permits(evaluation, answer)


def decide(evaluation: Evaluation, words: Sequence[str], subject: Subject) -> Answer:
    """The same for a whole list: trouble becomes a temporary refusal."""
    try:
        return evaluate(evaluation, words, subject)
    except (LookupTrouble, MapError):
        # A table is said to be broken where it is read; here the client hears of it.
        text = f"<{subject.name}>: Temporary lookup failure"
        return evaluation.refuse(Rejection(451, "4.3.0", text))
    except ConfigurationTrouble:
        return evaluation.refuse(Rejection(451, "4.3.5", "Server configuration error"))


def _first_opinion(evaluation: Evaluation, words: Sequence[str], subject: Subject) -> Answer:
    rest = list(words)
    inherited = evaluation.warning
    while rest:
        word = rest.pop(0)
        if word.lower() == "warn_if_reject":
            evaluation.warning = True
            continue
        answer = _ask(evaluation, word, rest, subject)
        if answer is not None:
            return answer
        evaluation.warning = inherited
    return None


def _ask(evaluation: Evaluation, word: str, rest: list[str], subject: Subject) -> Answer:
    """The opinion of one word, which may take its argument off ``rest``."""
    if ":" in word:
        if not subject.default_check:
            raise _complain(evaluation, f'unknown smtpd restriction: "{word}"')
        return RESTRICTIONS[subject.default_check].ask(evaluation, subject, word)
    row = RESTRICTIONS.get(word.lower())
    if row is None:
        return _ask_class(evaluation, word, subject)
    if not row.argument:
        return row.ask(evaluation, subject, "")
    if not rest:
        raise _complain(evaluation, f"restriction {word}: missing {row.argument}")
    return row.ask(evaluation, subject, rest.pop(0))


def _ask_class(evaluation: Evaluation, word: str, subject: Subject) -> Answer:
    """postconf(5) smtpd_restriction_classes: names for lists in main.cf."""
    config = evaluation.env.config
    if word not in config.words("smtpd_restriction_classes"):
        raise _complain(evaluation, f'unknown smtpd restriction: "{word}"')
    return evaluate(evaluation, config.words(word), subject)


def _complain(evaluation: Evaluation, text: str) -> ConfigurationTrouble:
    evaluation.env.log.warning(text)
    return ConfigurationTrouble(text)


def _respect_failed_permits(evaluation: Evaluation, answer: Answer) -> Answer:
    """A refusal is not final while a permit could not be looked up."""
    pending = evaluation.defer_if_reject
    if not isinstance(answer, Rejection) or pending is None or evaluation.depth:
        return answer
    if answer.code < 500:
        return answer
    evaluation.note("reject", str(pending))
    return pending


__all__ = ["PERMIT", "decide", "evaluate"]
