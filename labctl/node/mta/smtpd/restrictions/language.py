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
from labctl.node.mta.smtpd.restrictions.table import RESTRICTIONS, Argument
from labctl.node.mta.smtpd.restrictions.verdict import (
    PERMIT,
    RECIPIENT_ADDRESS,
    Answer,
    ConfigurationTrouble,
    LookupTrouble,
    Rejection,
)

DEPTH_LIMIT: Final = 100
FINAL: Final = ("permit", "reject", "defer")  # nothing behind them is ever read
ABOUT_RECIPIENT: Final = ("permit_auth_destination", "permit_mx_backup", "check_relay_domains")


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
        return _first_opinion(evaluation, words, subject)
    finally:
        evaluation.depth -= 1
        evaluation.warning = inherited


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
    while rest and not evaluation.actions.discard:
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
    if row.argument is None:
        answer = row.ask(evaluation, subject, "")
        if answer is PERMIT:
            evaluation.permit(_permitted(evaluation, word, subject), word.lower())
        if answer is not None and rest and word.lower() in FINAL:
            log = evaluation.env.log
            log.warning(f"restriction `{rest[0]}' after `{word.lower()}' is ignored")
        return answer
    argument = _argument(evaluation, word, row.argument, rest)
    return row.ask(evaluation, subject, argument) if argument else None


def _argument(evaluation: Evaluation, word: str, kind: Argument, rest: list[str]) -> str:
    """What stands behind a word; empty when that is missing and may be."""
    argument = rest.pop(0) if rest else ""
    if kind.fits(argument):
        return argument
    complaint = kind.complaint.format(word=word, argument=argument or word)
    if kind.is_optional:
        evaluation.env.log.warning(complaint)
        return ""
    raise _complain(evaluation, complaint)


def _permitted(evaluation: Evaluation, word: str, subject: Subject) -> Subject:
    """Whom a permit is about: mostly the client, whatever the list is about."""
    request = evaluation.request
    if word.lower() in ABOUT_RECIPIENT:
        return Subject(request.recipient or "", RECIPIENT_ADDRESS, "")
    if word.lower() == "permit":
        return subject
    return Subject(request.client.namaddr, "Client host", "")


def _ask_class(evaluation: Evaluation, word: str, subject: Subject) -> Answer:
    """postconf(5) smtpd_restriction_classes: names for lists in main.cf."""
    config = evaluation.env.config
    if word not in config.words("smtpd_restriction_classes"):
        raise _complain(evaluation, f'unknown smtpd restriction: "{word}"')
    return evaluate(evaluation, config.words(word), subject)


def _complain(evaluation: Evaluation, text: str) -> ConfigurationTrouble:
    evaluation.env.log.warning(text)
    return ConfigurationTrouble(text)


__all__ = ["PERMIT", "decide", "evaluate"]
