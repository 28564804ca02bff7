"""Restrictions that look at the client's address and name."""

from __future__ import annotations

from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.smtpd.client import OK, PERMANENT
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import PERMIT, Answer


def permit_mynetworks(evaluation: Evaluation, _subject: Subject, _argument: str) -> Answer:
    """Permit when the client address is in mynetworks."""
    client = evaluation.request.client
    trusted = evaluation.env.hosts("mynetworks").matches(client.name, client.address)
    return PERMIT if trusted else None


def permit_inet_interfaces(evaluation: Evaluation, _subject: Subject, _arg: str) -> Answer:
    """Permit when the client address is one of our own."""
    mine = own_addresses(evaluation.env.config)
    return PERMIT if evaluation.request.client.address in mine else None


def permit_sasl_authenticated(
    _evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Permit a client that has authenticated: nobody has, AUTH is not there."""
    return None


def permit_tls_clientcerts(
    _evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Permit a client by its certificate: nobody has one, STARTTLS is not there."""
    return None


def permit_naked_ip_address(
    evaluation: Evaluation, _subject: Subject, _argument: str
) -> Answer:
    """Permit when the HELO name is an address without brackets (deprecated)."""
    from_helo = evaluation.request.helo or ""
    evaluation.env.log.warning(
        "restriction permit_naked_ip_address is deprecated. "
        "Use permit_mynetworks or permit_sasl_authenticated instead"
    )
    return PERMIT if from_helo.replace(".", "").isdigit() else None


def reject_unknown_client_hostname(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject when address, name and address again do not lead round."""
    return _reject_nameless(evaluation, subject, reverse=False)


def reject_unknown_reverse_client_hostname(
    evaluation: Evaluation, subject: Subject, _argument: str
) -> Answer:
    """Reject when the address has no name at all."""
    return _reject_nameless(evaluation, subject, reverse=True)


def _reject_nameless(evaluation: Evaluation, subject: Subject, *, reverse: bool) -> Answer:
    client = evaluation.request.client
    known = client.reverse_name_status if reverse else client.name_status
    if known == OK:
        return None
    kind, status = ("reverse hostname", "4.7.1") if reverse else ("hostname", "4.7.25")
    text = f"Client host rejected: cannot find your {kind}, [{client.address}]"
    # As long as nobody can tell, the refusal stays temporary.
    permanent = evaluation.env.config.number("unknown_client_reject_code")
    code = permanent if known == PERMANENT else 450
    return evaluation.reject(subject, code, status, text)
