"""DNS block lists and allow lists: reject_rbl_client and its relatives.

INPUT AND OUTPUT
    An argument is ``domain`` or ``domain=127.0.0.[4..6]``: which answers count (postconf(5)
    reject_rbl_client).  What is looked up is the client's address backwards, or a name.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple

from labctl.node.mta.lib.dns.resolver import DnsFailure
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.smtpd import macros
from labctl.node.mta.smtpd.restrictions import answer_pattern
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import (
    PERMIT,
    RECIPIENT_ADDRESS,
    SENDER_ADDRESS,
    Answer,
)
from labctl.node.wire import addresses, hostnames


class Listing(NamedTuple):
    """What is looked up, how the client is told of it, and as what."""

    query: str  # to be put before the list's domain
    what: str  # $rbl_what
    reply_class: str  # $rbl_class


def reject_rbl_client(evaluation: Evaluation, _subject: Subject, argument: str) -> Answer:
    """Reject when the client's address is listed."""
    return _reject(evaluation, _client_address(evaluation), argument)


def reject_rhsbl_client(evaluation: Evaluation, _subject: Subject, argument: str) -> Answer:
    """Reject when the client's verified name is listed."""
    name = evaluation.request.client.name
    return _reject(evaluation, _name(name, "Client host"), argument)


def reject_rhsbl_reverse_client(
    evaluation: Evaluation, _subject: Subject, argument: str
) -> Answer:
    """Reject when the client's unverified name is listed."""
    name = evaluation.request.client.reverse_name
    return _reject(evaluation, _name(name, "Unverified Client host"), argument)


def reject_rhsbl_helo(evaluation: Evaluation, _subject: Subject, argument: str) -> Answer:
    """Reject when the HELO name is listed."""
    return _reject(evaluation, _name(evaluation.request.helo or "", "Helo command"), argument)


def reject_rhsbl_sender(evaluation: Evaluation, _subject: Subject, argument: str) -> Answer:
    """Reject when the sender's domain is listed."""
    listing = _address(evaluation.request.sender or "", SENDER_ADDRESS)
    return _reject(evaluation, listing, argument)


def reject_rhsbl_recipient(evaluation: Evaluation, _subject: Subject, argument: str) -> Answer:
    """Reject when the recipient's domain is listed."""
    listing = _address(evaluation.request.recipient or "", RECIPIENT_ADDRESS)
    return _reject(evaluation, listing, argument)


def permit_dnswl_client(evaluation: Evaluation, subject: Subject, argument: str) -> Answer:
    """Permit when the client's address is listed, but never as a way to relay."""
    return _permit(evaluation, _client_address(evaluation), argument)


def permit_rhswl_client(evaluation: Evaluation, subject: Subject, argument: str) -> Answer:
    """Permit when the client's verified name is listed, but never as a way to relay."""
    return _permit(evaluation, _name(evaluation.request.client.name, "Client host"), argument)


def reject_maps_rbl(evaluation: Evaluation, subject: Subject, _argument: str) -> Answer:
    """Reject when the client's address is in one of maps_rbl_domains (obsolete)."""
    evaluation.env.warn_once(
        'support for restriction "reject_maps_rbl" will be removed from Postfix; '
        'use "reject_rbl_client domain-name" instead'
    )
    for domain in evaluation.env.config.words("maps_rbl_domains"):
        answer = reject_rbl_client(evaluation, subject, domain)
        if answer is not None:
            return answer
    return None


def reversed_address(address: str) -> str:
    """``198.18.0.1`` -> ``1.0.18.198``; IPv6 by its 32 digits (RFC 5782 2.1, 2.4)."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")


def _client_address(evaluation: Evaluation) -> Listing | None:
    address = evaluation.request.client.address
    try:
        return Listing(reversed_address(address), address, "Client host")
    except ValueError:
        return None


def _name(name: str, reply_class: str) -> Listing | None:
    if name == "unknown" or not hostnames.is_hostname(name) or hostnames.is_address(name):
        return None
    return Listing(name, name, reply_class)


def _address(address: str, reply_class: str) -> Listing | None:
    domain = addresses.split(address).domain
    if not domain or not hostnames.is_hostname(domain):
        return None
    return Listing(domain, address, reply_class)


def _reject(evaluation: Evaluation, listing: Listing | None, argument: str) -> Answer:
    domain, _, pattern = argument.partition("=")
    answer_pattern.check(pattern)
    if listing is None or not _listed(evaluation, listing, domain, pattern):
        return None
    code = evaluation.env.config.number("maps_rbl_reject_code")
    reason = _reason(evaluation, f"{listing.query}.{domain}")
    text = _reply_text(evaluation, listing, argument, code, reason)
    written_code, _, rest = text.partition(" ")
    if not REPLY_CODE.fullmatch(written_code):
        evaluation.env.log.warning(f"rbl response code configuration error: {text}")
        written_code, rest = "450", "4.7.1 Service unavailable"
    code, text = int(written_code), rest
    status, text = _split_status(text)
    subject = Subject(listing.what, listing.reply_class, "")
    return evaluation.reject(subject, code, status, text)


def _split_status(text: str) -> tuple[str, str]:
    match = STATUS.match(text)
    return (match[1], text[match.end() :]) if match else ("5.7.1", text)


def _permit(evaluation: Evaluation, listing: Listing | None, argument: str) -> Answer:
    domain, _, pattern = argument.partition("=")
    if listing is None:
        return None
    try:
        listed = _answers_match(evaluation, listing, domain, pattern)
    except DnsFailure as failure:
        if failure.is_temporary:
            what = evaluation.request.client.address
            subject = Subject(what, listing.reply_class, "")
            text = f"<{what}>: {listing.reply_class} rejected: Service unavailable"
            return evaluation.postpone_reject(subject, 450, "4.7.1", text)
        return None
    return PERMIT if listed else None


def _listed(evaluation: Evaluation, listing: Listing, domain: str, pattern: str) -> bool:
    try:
        return _answers_match(evaluation, listing, domain, pattern)
    except DnsFailure as failure:
        if failure.is_temporary:
            query = f"{listing.query}.{domain}"
            evaluation.env.log.warning(f"{query}: RBL lookup error: {failure}")
        return False


def _answers_match(evaluation: Evaluation, listing: Listing, domain: str, pattern: str) -> bool:
    answers = evaluation.env.dns.listing(f"{listing.query}.{domain}")
    return any(answer_pattern.matches(answer, pattern) for answer in answers)


def _reason(evaluation: Evaluation, name: str) -> str:
    try:
        return "".join(evaluation.env.dns.texts(name)[:1])
    except DnsFailure:
        return ""


def _reply_text(
    evaluation: Evaluation, listing: Listing, argument: str, code: int, reason: str
) -> str:
    """postconf(5) rbl_reply_maps, else default_rbl_reply, with its macros expanded."""
    config, request = evaluation.env.config, evaluation.request
    domain = argument.partition("=")[0]
    template = None
    if config.text("rbl_reply_maps").strip():
        maps = maps_of(config, "rbl_reply_maps")
        template = maps.lookup(argument)
    if template is None:
        template = config.raw("default_rbl_reply") or ""
    names = {
        "rbl_code": str(code),
        "rbl_domain": domain,
        "rbl_reason": reason,
        "rbl_txt": reason,
        "rbl_what": listing.what,
        "rbl_class": listing.reply_class,
    }
    return macros.expand(evaluation.env, request, template, names)


REPLY_CODE: Final = re.compile(r"[45]\d\d")
STATUS: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3}) ")
