"""Restrictions that keep strangers from sending through us."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.lib.dns.resolver import DnsFailure
from labctl.node.mta.lib.services.rewrite import ResolveFlag
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import PERMIT, RECIPIENT_ADDRESS, Answer
from labctl.node.wire import addresses

RELAY_DENIED: Final = "Relay access denied"


def permit_auth_destination(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Permit a recipient whose mail ends here or whom we relay for."""
    return PERMIT if _is_authorized(evaluation) else None


def reject_unauth_destination(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Reject a recipient whose mail neither ends here nor is relayed."""
    code = evaluation.env.config.number("relay_domains_reject_code")
    return _refuse_unauthorized(evaluation, code, "5.7.1")


def defer_unauth_destination(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """The same, but only for now: a mistake in the configuration loses no mail."""
    code = evaluation.env.config.number("relay_domains_reject_code")
    return _refuse_unauthorized(evaluation, code - 100, "4.7.1")


def check_relay_domains(evaluation: Evaluation, subject: Subject, argument: str) -> Answer:
    """The obsolete mixture of permit_auth_destination and reject_unauth_destination."""
    if _is_authorized(evaluation):
        return PERMIT
    name = evaluation.request.recipient or ""
    code = evaluation.env.config.number("relay_domains_reject_code")
    text = f"<{name}>: {RECIPIENT_ADDRESS} rejected: {RELAY_DENIED}"
    return evaluation.reject(Subject(name, RECIPIENT_ADDRESS, ""), code, "5.7.1", text)


def permit_mx_backup(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Permit a recipient of ours, or one in whose domain we are an MX, but not the best one."""
    recipient = evaluation.request.recipient or ""
    resolved = evaluation.resolve(recipient)
    if _is_authorized(evaluation):
        return PERMIT
    domain = addresses.split(resolved.recipient).domain
    if not domain or domain.startswith("["):
        return None
    try:
        backup = _is_backup_for(evaluation, domain)
    except DnsFailure as failure:
        if not failure.is_temporary:
            return None
        text = (
            f"<{recipient}>: {RECIPIENT_ADDRESS} rejected: "
            f"Unable to look up mail exchanger information: {failure.kind.value}"
        )
        return evaluation.postpone_reject(subject, 450, "4.4.4", text)
    return PERMIT if backup else None


def _is_authorized(evaluation: Evaluation) -> bool:
    resolved = evaluation.resolve(evaluation.request.recipient or "")
    # postconf(5) reject_unauth_destination: no sender-specified routing on top of our name.
    if resolved.flags & ResolveFlag.ROUTED and not evaluation.env.config.flag(
        "allow_untrusted_routing"
    ):
        return False
    return bool(resolved.flags & (ResolveFlag.ANY_FINAL | ResolveFlag.RELAY))


def _refuse_unauthorized(evaluation: Evaluation, code: int, status: str) -> Answer:
    if _is_authorized(evaluation):
        return None
    name = evaluation.request.recipient or ""
    subject = Subject(name, RECIPIENT_ADDRESS, "")
    return evaluation.reject(subject, code, status, f"<{name}>: {RELAY_DENIED}")


def _is_backup_for(evaluation: Evaluation, domain: str) -> bool:
    exchangers = evaluation.env.dns.exchangers(domain)
    mine = [one for one in exchangers if _is_mine(evaluation, one.host)]
    if not mine or not exchangers:
        return False
    best = min(one.preference for one in exchangers)
    primaries = [one for one in exchangers if one.preference == best]
    if any(one in mine for one in primaries):
        return False
    return _are_trusted(evaluation, [one.host for one in primaries])


def _is_mine(evaluation: Evaluation, host: str) -> bool:
    config = evaluation.env.config
    if host.lower() in {word.lower() for word in config.words("mydestination")}:
        return True
    return any(a in own_addresses(config) for a in evaluation.env.dns.addresses_of(host))


def _are_trusted(evaluation: Evaluation, hosts: list[str]) -> bool:
    """postconf(5) permit_mx_backup_networks: where the primaries must be."""
    if not evaluation.env.config.text("permit_mx_backup_networks").strip():
        return True
    networks = evaluation.env.hosts("permit_mx_backup_networks")
    found = [address for host in hosts for address in evaluation.env.dns.addresses_of(host)]
    return bool(found) and all(networks.matches("", address) for address in found)
