"""Who is told what about a message: the sender, the postmaster, or nobody.

RULES
    A report has the null sender, and about the null sender's mail there is no report: the
    postmaster may hear of it (class 2bounce), once, from double-bounce@myhostname; and what
    comes back to that address is dropped.  So no two machines ever bounce bounces for ever.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from labctl.node.mta.lib.queue.bounce_log import Outcome
from labctl.node.mta.lib.queue.dsn import Notify


class Kind(enum.Enum):
    """A kind of report: its template, who may want it, its class for the postmaster."""

    FAILURE = "failure"
    DELAY = "delay"
    SUCCESS = "success"
    VERIFY = "verify"


class Rule(NamedTuple):
    """What holds for one kind of report."""

    notify: Notify  # RFC 3461: asked for explicitly
    by_default: bool  # told when nobody asked
    notify_class: str  # postconf(5) notify_classes: a copy for the postmaster
    notice_recipient: str  # the parameter that names the postmaster
    word: str  # of the log line
    described_as: str  # Content-Description of the original
    full_by_default: bool  # the whole message, or its headers


class Notice(NamedTuple):
    """One report to be sent."""

    sender: str  # of the envelope
    recipient: str
    is_copy: bool  # for the postmaster
    headers_only: bool


class Situation(NamedTuple):
    """What the decision depends on."""

    sender: str
    dsn_ret: str
    size: int
    classes: frozenset[str]
    notice_recipient: str
    second_notice_recipient: str  # 2bounce_notice_recipient
    double_bounce: str  # the address, with domain
    size_limit: int = 50000  # bounce_size_limit


def wanted(kind: Kind, outcomes: Iterable[Outcome], *, everything: bool) -> tuple[Outcome, ...]:
    """The recipients that the sender wants to hear about."""
    rule = RULES[kind]
    return tuple(
        outcome
        for outcome in outcomes
        if everything
        or outcome.recipient.notify & rule.notify
        or (not outcome.recipient.notify and rule.by_default)
    )


def notices(kind: Kind, situation: Situation) -> Iterator[Notice]:
    """The reports to send, in order."""
    rule = RULES[kind]
    too_large = situation.size > situation.size_limit
    if situation.sender.lower() == situation.double_bounce.lower():
        return
    if situation.sender:
        full = situation.dsn_ret == "FULL" or (rule.full_by_default and not situation.dsn_ret)
        yield Notice("", situation.sender, False, too_large or not full)
    elif kind is Kind.FAILURE and "2bounce" in situation.classes:
        yield Notice(
            situation.double_bounce, situation.second_notice_recipient, True, too_large
        )
    if rule.notify_class in situation.classes and situation.sender:
        # Headers only: the postmaster has no business with the text.
        yield Notice(situation.double_bounce, situation.notice_recipient, True, True)


RULES = {
    Kind.FAILURE: Rule(
        Notify.FAILURE,
        True,
        "bounce",
        "bounce_notice_recipient",
        "non-delivery",
        "Undelivered ",
        True,
    ),
    Kind.DELAY: Rule(
        Notify.DELAY, True, "delay", "delay_notice_recipient", "delay", "Undelivered ", False
    ),
    Kind.SUCCESS: Rule(Notify.SUCCESS, False, "", "", "delivery status", "", False),
    Kind.VERIFY: Rule(Notify.SUCCESS, False, "", "", "delivery status", "", False),
}
