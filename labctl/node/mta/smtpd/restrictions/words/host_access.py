"""check_*_{a,mx,ns}_access: look up the hosts that a domain points to.

WHY
    A spammer's domains are many, the mail and name servers behind them few.

NOT HERE
    Such a table may not say OK: whoever could point a record at a listed host would pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import (
    PERMIT,
    RECIPIENT_ADDRESS,
    SENDER_ADDRESS,
    Answer,
    ConfigurationTrouble,
)
from labctl.node.mta.smtpd.restrictions.words import access
from labctl.node.wire import addresses, hostnames

Check = Callable[[Evaluation, Subject, str], Answer]
Whose = Callable[[Evaluation], tuple[str, str]]  # (the domain, what the reply calls)
NOT_ALLOWED: Final = (
    "this is not allowed for security reasons",
    "use DUNNO instead of OK if you want to make an exception",
)
UNKNOWN_NAME: Final = "Name or service not known"  # in the words of getaddrinfo(3)
CLIENT, UNVERIFIED, HELO = "Client host", "Unverified Client host", "Helo command"


def _client(evaluation: Evaluation) -> tuple[str, str]:
    return evaluation.request.client.name, evaluation.request.client.name


def _reverse(evaluation: Evaluation) -> tuple[str, str]:
    return evaluation.request.client.reverse_name, evaluation.request.client.reverse_name


def _helo(evaluation: Evaluation) -> tuple[str, str]:
    return evaluation.request.helo or "", evaluation.request.helo or ""


def _sender(evaluation: Evaluation) -> tuple[str, str]:
    address = evaluation.request.sender or ""
    return addresses.split(address).domain, address


def _recipient(evaluation: Evaluation) -> tuple[str, str]:
    address = evaluation.request.recipient or ""
    return addresses.split(address).domain, address


def _check(word: str, kind: str, whose: Whose, reply_class: str) -> Check:
    """Make one check of the family; the family is a table, not fifteen functions."""

    def check(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
        domain, name = whose(evaluation)
        subject = Subject(name, reply_class, "")
        answer = _look_up(evaluation, subject, table, kind, domain)
        if answer is not PERMIT:
            return answer
        for line in (f"restriction {word} returns OK for {name}", *NOT_ALLOWED):
            evaluation.env.log.warning(line)
        raise ConfigurationTrouble(table)

    check.__doc__ = f"Look up the {kind} hosts of the {reply_class.lower()}'s domain."
    return check


def _look_up(
    evaluation: Evaluation, subject: Subject, table: str, kind: str, domain: str
) -> Answer:
    literal = hostnames.literal_address(domain)
    if literal is not None and kind != "ns":
        return _look_up_addresses(evaluation, subject, table, [literal])
    if not hostnames.is_hostname(domain) or domain == "unknown":
        return None
    for host in _hosts(evaluation, kind, domain, subject):
        answer = _look_up_host(evaluation, subject, table, kind, host)
        if answer is not None:
            return answer
    return None


def _hosts(evaluation: Evaluation, kind: str, domain: str, subject: Subject) -> list[str]:
    dns = evaluation.env.dns
    try:
        if kind == "a":
            return [domain]
        if kind == "mx":
            return [one.host for one in dns.exchangers(domain)] or [domain]
        return list(dns.name_servers(domain))
    except DnsFailure as failure:
        # RFC 7505 3: nobody takes mail for such a domain.
        if failure.kind is Kind.NULL_MX:
            return []
        if kind == "mx" and not failure.is_temporary:
            return [domain]
        asked = failure.name if failure.is_temporary else subject.name
        evaluation.env.log.warning(
            f"Unable to look up {kind.upper()} host for {asked}: {failure.kind.value}"
        )
        return []


def _look_up_host(
    evaluation: Evaluation, subject: Subject, table: str, kind: str, host: str
) -> Answer:
    if kind != "a":
        keys = access.domain_keys(evaluation, host)
        answer = access.look_up(evaluation, subject, table, keys)
        if answer is not None:
            return answer
    try:
        found = evaluation.env.dns.addresses_of(host)
    except DnsFailure:
        if kind != "a":
            about = f"for {subject.reply_class} {subject.name}"
            evaluation.env.log.warning(
                f"Unable to look up {kind.upper()} host {host} {about}: {UNKNOWN_NAME}"
            )
        return None
    return _look_up_addresses(evaluation, subject, table, found)


def _look_up_addresses(
    evaluation: Evaluation, subject: Subject, table: str, found: Iterable[str]
) -> Answer:
    for address in found:
        answer = access.look_up(evaluation, subject, table, access.address_keys(address))
        if answer is not None:
            return answer
    return None


check_client_a_access: Final = _check("check_client_a_access", "a", _client, CLIENT)
check_client_mx_access: Final = _check("check_client_mx_access", "mx", _client, CLIENT)
check_client_ns_access: Final = _check("check_client_ns_access", "ns", _client, CLIENT)
check_reverse_client_hostname_a_access: Final = _check(
    "check_reverse_client_hostname_a_access", "a", _reverse, UNVERIFIED
)
check_reverse_client_hostname_mx_access: Final = _check(
    "check_reverse_client_hostname_mx_access", "mx", _reverse, UNVERIFIED
)
check_reverse_client_hostname_ns_access: Final = _check(
    "check_reverse_client_hostname_ns_access", "ns", _reverse, UNVERIFIED
)
check_helo_a_access: Final = _check("check_helo_a_access", "a", _helo, HELO)
check_helo_mx_access: Final = _check("check_helo_mx_access", "mx", _helo, HELO)
check_helo_ns_access: Final = _check("check_helo_ns_access", "ns", _helo, HELO)
check_sender_a_access: Final = _check("check_sender_a_access", "a", _sender, SENDER_ADDRESS)
check_sender_mx_access: Final = _check("check_sender_mx_access", "mx", _sender, SENDER_ADDRESS)
check_sender_ns_access: Final = _check("check_sender_ns_access", "ns", _sender, SENDER_ADDRESS)
check_recipient_a_access: Final = _check(
    "check_recipient_a_access", "a", _recipient, RECIPIENT_ADDRESS
)
check_recipient_mx_access: Final = _check(
    "check_recipient_mx_access", "mx", _recipient, RECIPIENT_ADDRESS
)
check_recipient_ns_access: Final = _check(
    "check_recipient_ns_access", "ns", _recipient, RECIPIENT_ADDRESS
)
