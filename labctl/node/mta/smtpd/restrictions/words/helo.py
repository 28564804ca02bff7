"""Restrictions that look at the name in HELO or EHLO."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from labctl.node.mta.lib.dns.resolver import DnsFailure
from labctl.node.mta.smtpd.restrictions import tempfail
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import Answer
from labctl.node.wire import hostnames

Judge: TypeAlias = Callable[[Evaluation, Subject, str], Answer]


def reject_invalid_helo_hostname(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject a name that cannot be one."""
    return _judge(evaluation, subject, _invalid)


def _invalid(evaluation: Evaluation, subject: Subject, name: str) -> Answer:
    bare = name.removesuffix(".")
    if hostnames.is_address(bare) or hostnames.is_hostname(bare):
        return None
    code = evaluation.env.config.number("invalid_hostname_reject_code")
    return evaluation.reject(subject, code, "5.5.2", _refused(name, "Invalid name"))


def reject_non_fqdn_helo_hostname(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject a name of one label, and an address without brackets."""
    return _judge(evaluation, subject, _not_fully_qualified)


def _not_fully_qualified(evaluation: Evaluation, subject: Subject, name: str) -> Answer:
    if hostnames.is_fully_qualified(name):
        return None
    code = evaluation.env.config.number("non_fqdn_reject_code")
    why = "need fully-qualified hostname"
    return evaluation.reject(subject, code, "5.5.2", _refused(name, why))


def reject_unknown_helo_hostname(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject a name that has neither an address nor a mail exchanger."""
    return _judge(evaluation, subject, _unknown)


def _unknown(evaluation: Evaluation, subject: Subject, name: str) -> Answer:
    try:
        evaluation.env.dns.check_host(name)
    except DnsFailure as failure:
        return _refuse_unknown(evaluation, subject, name, temporary=failure.is_temporary)
    return None


def _judge(evaluation: Evaluation, subject: Subject, judge_name: Judge) -> Answer:
    """A client that has not said HELO is not judged, an address literal by its form only."""
    name = evaluation.request.helo
    if name is None:
        return None
    judge = _reject_bad_literal if name.startswith("[") else judge_name
    return judge(evaluation, subject, name)


def _reject_bad_literal(evaluation: Evaluation, subject: Subject, name: str) -> Answer:
    """RFC 5321 4.1.3: an address in brackets needs no name, but has to be one."""
    if hostnames.is_address_literal(name):
        return None
    code = evaluation.env.config.number("invalid_hostname_reject_code")
    return evaluation.reject(subject, code, "5.5.2", _refused(name, "invalid ip address"))


def _refuse_unknown(
    evaluation: Evaluation, subject: Subject, name: str, *, temporary: bool
) -> Answer:
    text = _refused(name, "Host not found")
    if temporary:
        action = "unknown_helo_hostname_tempfail_action"
        return tempfail.apply(evaluation, subject, action, "4.7.1", text)
    code = evaluation.env.config.number("unknown_hostname_reject_code")
    return evaluation.reject(subject, code, "4.7.1", text)


def _refused(name: str, why: str) -> str:
    return f"<{name}>: Helo command rejected: {why}"
