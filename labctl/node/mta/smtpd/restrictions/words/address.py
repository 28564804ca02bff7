"""Restrictions that look at a sender or recipient address."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.dns.resolver import DnsFailure
from labctl.node.mta.lib.services.rewrite import ResolveFlag
from labctl.node.mta.smtpd.restrictions import tempfail
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import RECIPIENT_ADDRESS, SENDER_ADDRESS, Answer
from labctl.node.mta.smtpd.restrictions.words import unlisted
from labctl.node.wire import addresses, hostnames


def reject_non_fqdn_sender(evaluation: Evaluation, _subject: Subject, _arg: str) -> Answer:
    """Reject a sender whose domain has one label, or that has none."""
    address = evaluation.request.sender
    return _reject_non_fqdn(evaluation, address, SENDER_ADDRESS) if address else None


def reject_non_fqdn_recipient(evaluation: Evaluation, _subject: Subject, _arg: str) -> Answer:
    """Reject a recipient whose domain has one label, or that has none."""
    address = evaluation.request.recipient
    return _reject_non_fqdn(evaluation, address, RECIPIENT_ADDRESS) if address else None


def reject_unknown_sender_domain(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Reject a sender to whose domain no mail could be sent."""
    address = evaluation.request.sender
    return _reject_unknown(evaluation, address, SENDER_ADDRESS) if address else None


def reject_unknown_recipient_domain(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Reject a recipient to whose domain no mail could be sent."""
    address = evaluation.request.recipient
    return _reject_unknown(evaluation, address, RECIPIENT_ADDRESS) if address else None


def reject_unlisted_sender(evaluation: Evaluation, _subject: Subject, _arg: str) -> Answer:
    """Reject a sender that would be unknown here as a recipient."""
    return unlisted.check_sender(evaluation)


def reject_unlisted_recipient(evaluation: Evaluation, _subject: Subject, _arg: str) -> Answer:
    """Reject a recipient of ours who is in no table."""
    return unlisted.check_recipient(evaluation)


def reject_sender_login_mismatch(
    evaluation: Evaluation, subject: Subject, argument: str
) -> Answer:
    """Reject a sender that belongs to another login name: nothing, without AUTH."""
    reject_authenticated_sender_login_mismatch(evaluation, subject, argument)
    return reject_unauthenticated_sender_login_mismatch(evaluation, subject, argument)


def reject_authenticated_sender_login_mismatch(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """The same for clients that have authenticated: nothing, without AUTH."""
    return _ignore(evaluation, "reject_authenticated_sender_login_mismatch")


def reject_unauthenticated_sender_login_mismatch(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """The same for clients that have not authenticated: nothing, without AUTH."""
    return _ignore(evaluation, "reject_unauthenticated_sender_login_mismatch")


def reject_known_sender_login_mismatch(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """The same for senders that smtpd_sender_login_maps knows: nothing, without AUTH."""
    return _ignore(evaluation, "reject_known_sender_login_mismatch")


def _ignore(evaluation: Evaluation, word: str) -> Answer:
    evaluation.env.log.warning(f"restriction `{word}' ignored: no SASL support")
    return None


def _reject_non_fqdn(evaluation: Evaluation, address: str, reply_class: str) -> Answer:
    domain = addresses.split(address).domain
    if hostnames.is_address_literal(domain) or hostnames.is_fully_qualified(domain):
        return None
    code = evaluation.env.config.number("non_fqdn_reject_code")
    text = f"<{address}>: {reply_class} rejected: need fully-qualified address"
    return evaluation.reject(Subject(address, reply_class, ""), code, "5.5.2", text)


def _reject_unknown(evaluation: Evaluation, address: str, reply_class: str) -> Answer:
    resolved = evaluation.resolve(address)
    # Our own domains need no DNS.
    if resolved.flags & ResolveFlag.ANY_FINAL:
        return None
    domain = addresses.split(resolved.recipient).domain
    if not domain or domain.startswith("["):
        return None
    try:
        if evaluation.env.dns.takes_mail(domain):
            return None
    except DnsFailure as failure:
        return _refuse_unknown(evaluation, address, reply_class, temporary=failure.is_temporary)
    # RFC 7505 3: a single MX of "." says that the domain takes no mail.
    code, status = NULL_MX[reply_class]
    why = f"Domain {domain} does not accept mail (nullMX)"
    text = f"<{address}>: {reply_class} rejected: {why}"
    return evaluation.reject(Subject(address, reply_class, ""), code, status, text)


def _refuse_unknown(
    evaluation: Evaluation, address: str, reply_class: str, *, temporary: bool
) -> Answer:
    subject, status = Subject(address, reply_class, ""), UNKNOWN_STATUS[reply_class]
    text = f"<{address}>: {reply_class} rejected: Domain not found"
    if temporary:
        action = "unknown_address_tempfail_action"
        return tempfail.apply(evaluation, subject, action, status, text)
    code = evaluation.env.config.number("unknown_address_reject_code")
    return evaluation.reject(subject, code, status, text)


UNKNOWN_STATUS: Final = {SENDER_ADDRESS: "4.1.8", RECIPIENT_ADDRESS: "4.1.2"}
# RFC 7505 4.1 and 4.2.
NULL_MX: Final = {SENDER_ADDRESS: (550, "5.7.27"), RECIPIENT_ADDRESS: (556, "5.1.10")}
