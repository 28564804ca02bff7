"""check_*_{a,mx,ns}_access: look up the hosts that a domain points to.

WHY
    A spammer's domains are many, the mail and name servers behind them few.

NOT HERE
    Such a table may not say OK: whoever could point a record at a listed host would pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labctl.node.mta.lib.dns.resolver import DnsFailure
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


def _check(kind: str, whose: Whose, reply_class: str) -> Check:
    """Make one check of the family; the family is a table, not fifteen functions."""

    def check(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
        domain, name = whose(evaluation)
        if not hostnames.is_hostname(domain) or domain == "unknown":
            return None
        subject = Subject(name, reply_class, "")
        for host in _hosts(evaluation, kind, domain, subject):
            answer = _look_up_host(evaluation, subject, table, kind, host)
            if answer is PERMIT:
                evaluation.env.log.warning(
                    f"{table}: {kind} access table result OK or RELAY is not allowed here"
                )
                raise ConfigurationTrouble(table)
            if answer is not None:
                return answer
        return None

    check.__doc__ = f"Look up the {kind} hosts of the {reply_class.lower()}'s domain."
    return check


def _hosts(evaluation: Evaluation, kind: str, domain: str, subject: Subject) -> list[str]:
    dns = evaluation.env.dns
    try:
        if kind == "a":
            return [domain]
        if kind == "mx":
            return [one.host for one in dns.exchangers(domain)] or [domain]
        return list(dns.name_servers(domain))
    except DnsFailure as failure:
        if kind == "mx":
            return [domain]
        text = f"Unable to look up NS host for {subject.name}: {failure.kind.value}"
        evaluation.env.log.warning(text)
        return []


def _look_up_host(
    evaluation: Evaluation, subject: Subject, table: str, kind: str, host: str
) -> Answer:
    answer = access.look_up(evaluation, subject, table, access.domain_keys(evaluation, host))
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
    for address in found:
        answer = access.look_up(evaluation, subject, table, access.address_keys(address))
        if answer is not None:
            return answer
    return None


check_client_a_access: Final = _check("a", _client, CLIENT)
check_client_mx_access: Final = _check("mx", _client, CLIENT)
check_client_ns_access: Final = _check("ns", _client, CLIENT)
check_reverse_client_hostname_a_access: Final = _check("a", _reverse, UNVERIFIED)
check_reverse_client_hostname_mx_access: Final = _check("mx", _reverse, UNVERIFIED)
check_reverse_client_hostname_ns_access: Final = _check("ns", _reverse, UNVERIFIED)
check_helo_a_access: Final = _check("a", _helo, HELO)
check_helo_mx_access: Final = _check("mx", _helo, HELO)
check_helo_ns_access: Final = _check("ns", _helo, HELO)
check_sender_a_access: Final = _check("a", _sender, SENDER_ADDRESS)
check_sender_mx_access: Final = _check("mx", _sender, SENDER_ADDRESS)
check_sender_ns_access: Final = _check("ns", _sender, SENDER_ADDRESS)
check_recipient_a_access: Final = _check("a", _recipient, RECIPIENT_ADDRESS)
check_recipient_mx_access: Final = _check("mx", _recipient, RECIPIENT_ADDRESS)
check_recipient_ns_access: Final = _check("ns", _recipient, RECIPIENT_ADDRESS)
