"""access(5) tables: under which keys a client, name or address is looked up.

INPUT AND OUTPUT
    ``check_*_access`` take ``type:table`` and answer with what the first entry found says;
    ``actions`` knows what entries may say.
"""

from __future__ import annotations

from collections.abc import Iterator

from labctl.node.mta.lib.config.address_parts import split_extension
from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.smtpd.restrictions import actions
from labctl.node.mta.smtpd.restrictions.actions import Source
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import RECIPIENT_ADDRESS, SENDER_ADDRESS, Answer
from labctl.node.wire import addresses, hostnames

Keys = Iterator[tuple[str, bool]]  # a key, and whether it is only a part of what is looked up


def check_client_access(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
    """Look up the client's name, the domains above it, its address and its networks."""
    client = evaluation.request.client
    subject = Subject(client.namaddr, "Client host", "")
    keys = [*domain_keys(evaluation, client.name), *address_keys(client.address)]
    return look_up(evaluation, subject, table, iter(keys))


def check_reverse_client_hostname_access(
    evaluation: Evaluation, _subject: Subject, table: str
) -> Answer:
    """Look up the name that the client's address has, verified or not."""
    client = evaluation.request.client
    subject = Subject(client.reverse_name, "Unverified Client host", "")
    return look_up(evaluation, subject, table, domain_keys(evaluation, client.reverse_name))


def check_helo_access(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
    """Look up the HELO name and the domains above it."""
    name = evaluation.request.helo
    if name is None:
        return None
    subject = Subject(name, "Helo command", "")
    return look_up(evaluation, subject, table, domain_keys(evaluation, name))


def check_sender_access(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
    """Look up the sender, its domain, the domains above it, and its local part."""
    sender = evaluation.request.sender
    if sender is None:
        return None
    subject = Subject(sender, SENDER_ADDRESS, "")
    if not sender:
        null = evaluation.env.config.text("smtpd_null_access_lookup_key")
        return look_up(evaluation, subject, table, iter([(null, False)]))
    return look_up(evaluation, subject, table, mailbox_keys(evaluation, sender))


def check_recipient_access(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
    """Look up the recipient, its domain, the domains above it, and its local part."""
    recipient = evaluation.request.recipient
    if not recipient:
        return None
    subject = Subject(recipient, RECIPIENT_ADDRESS, "")
    return look_up(evaluation, subject, table, mailbox_keys(evaluation, recipient))


def check_etrn_access(evaluation: Evaluation, _subject: Subject, table: str) -> Answer:
    """Look up the domain of ETRN."""
    name = evaluation.request.etrn_domain
    subject = Subject(name, "Etrn command", "")
    return look_up(evaluation, subject, table, domain_keys(evaluation, name))


def check_ccert_access(evaluation: Evaluation, _subject: Subject, _table: str) -> Answer:
    """Look up the client's certificate: there is none without STARTTLS."""
    evaluation.env.log.warning(
        'check_ccert_access is requested, but "smtpd_tls_ask_ccert = no"'
    )
    return None


def check_sasl_access(evaluation: Evaluation, _subject: Subject, _table: str) -> Answer:
    """Look up the client's login name: there is none without AUTH."""
    evaluation.env.log.warning("restriction `check_sasl_access' ignored: no SASL support")
    return None


def look_up(evaluation: Evaluation, subject: Subject, table: str, keys: Keys) -> Answer:
    """Do what the first entry says that is found under one of the keys."""
    maps = evaluation.env.table(table)
    asked: set[str] = set()
    for key, partial in keys:
        if key in asked:
            continue
        asked.add(key)
        try:
            value = maps.lookup(key, partial=partial)
        except MapError:
            text = (
                f"<{subject.name}>: {subject.reply_class} rejected: Server configuration error"
            )
            return evaluation.reject(subject, 451, "4.3.5", text)
        if value is not None:
            return actions.apply(evaluation, subject, Source(table, key), value)
    return None


def domain_keys(evaluation: Evaluation, name: str) -> Keys:
    """``a.b.c``, then its parents: with a dot unless smtpd_access_maps match subdomains."""
    name = name.lower().rstrip(".")
    yield name, False
    for parent in hostnames.parents(name) if not hostnames.is_address(name) else []:
        yield parent if _parents_match(evaluation) else f".{parent}", True


def address_keys(address: str) -> Keys:
    """``198.18.1.2``, then ``198.18.1``, ``198.18``, ``198``; IPv6 likewise by its groups."""
    yield address, False
    separator = ":" if ":" in address else "."
    rest = address
    while separator in rest:
        rest = rest.rpartition(separator)[0].rstrip(separator)
        yield rest, True


def mailbox_keys(evaluation: Evaluation, address: str) -> Keys:
    """user+ext@domain, user@domain, domain and parents, user+ext@, user@: access(5)."""
    delimiters = evaluation.env.config.text("recipient_delimiter")
    local, domain = addresses.split(address.lower())
    user, extension = split_extension(local, delimiters)
    yield f"{local}@{domain}" if domain else local, False
    if extension:
        yield f"{user}@{domain}" if domain else user, True
    if domain:
        yield from ((key, True) for key, _ in domain_keys(evaluation, domain))
    yield f"{local}@", True
    if extension:
        yield f"{user}@", True


def _parents_match(evaluation: Evaluation) -> bool:
    listed = evaluation.env.config.words("parent_domain_matches_subdomains")
    return "smtpd_access_maps" in listed
