"""Is a recipient of ours in the tables of its domain class?

INPUT AND OUTPUT
    ``check_recipient`` and ``check_sender``: a refusal for an address of one of our domains
    that no table knows, else None.

WHY HERE
    What is accepted and then found undeliverable becomes a bounce to a sender who is forged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import RECIPIENT_ADDRESS, SENDER_ADDRESS, Answer


class DomainClass(NamedTuple):
    """postconf(5): the table of a class, the code of a refusal, the words for it."""

    flag: ResolveFlag
    maps: str  # "" means that virtual_alias_maps, asked before, is the only table
    code: str
    table_name: str


def check_recipient(evaluation: Evaluation) -> Answer:
    """Once per recipient, whether a list asks for it or the end of the lists."""
    if evaluation.recipient_checked or not evaluation.request.recipient:
        return None
    evaluation.recipient_checked = True
    return _check(evaluation, evaluation.request.recipient, RECIPIENT_ADDRESS, "5.1.1")


def check_sender(evaluation: Evaluation) -> Answer:
    """The same for the sender; the null sender is nobody's."""
    if evaluation.sender_checked or not evaluation.request.sender:
        return None
    evaluation.sender_checked = True
    return _check(evaluation, evaluation.request.sender, SENDER_ADDRESS, "5.1.0")


def _check(evaluation: Evaluation, address: str, reply_class: str, status: str) -> Answer:
    resolved = evaluation.resolve(address)
    if _is_mapped(evaluation, resolved, reply_class):
        return None
    subject = Subject(address, reply_class, "")
    if resolved.flags & ResolveFlag.ALIAS:
        status = "5.1.1"
    # A virtual alias domain has no other transport; its refusals have a code of their own.
    if resolved.transport in ERROR_TRANSPORTS and not resolved.flags & ResolveFlag.ALIAS:
        code, default = ERROR_TRANSPORTS[resolved.transport]
        status, why = dsn.split(resolved.nexthop, default or status)
        return evaluation.reject(
            subject, code, status, f"<{address}>: {reply_class} rejected: {why}"
        )
    row = next((row for row in CLASSES if resolved.flags & row.flag), None)
    if row is None or _is_listed(evaluation, row, resolved):
        return None
    shown = evaluation.env.config.flag("show_user_unknown_table_name")
    why = f"User unknown in {row.table_name} table" if shown else "User unknown"
    code = evaluation.env.config.number(row.code)
    text = f"<{address}>: {reply_class} rejected: {why}"
    return evaluation.reject(subject, code, status, text)


def _is_mapped(evaluation: Evaluation, resolved: Resolved, reply_class: str) -> bool:
    """Somebody whom cleanup will give another address is not unknown."""
    tables = ["recipient_canonical_maps", "canonical_maps", "virtual_alias_maps"]
    if reply_class == SENDER_ADDRESS:
        tables.insert(1, "sender_canonical_maps")
    return any(_find(evaluation, table, resolved) for table in tables)


def _is_listed(evaluation: Evaluation, row: DomainClass, resolved: Resolved) -> bool:
    if not row.maps:
        return False
    config = evaluation.env.config
    # An empty list of tables means that any address may exist.
    if not config.text(row.maps).strip():
        return True
    if row.flag is ResolveFlag.LOCAL and _is_always_local(evaluation, resolved.recipient):
        return True
    return _find(evaluation, row.maps, resolved)


def _find(evaluation: Evaluation, parameter: str, resolved: Resolved) -> bool:
    config = evaluation.env.config
    if not config.text(parameter).strip():
        return False
    # The bare name is a key only where it means the same person: in our own domains.
    ours = bool(resolved.flags & ResolveFlag.LOCAL)
    maps = maps_of(config, parameter)
    return maps.lookup_address(resolved.recipient, config, user_key=ours) is not None


def _is_always_local(evaluation: Evaluation, address: str) -> bool:
    """Names that the mail system itself writes to."""
    local = address.lower().rpartition("@")[0] if "@" in address else address.lower()
    double_bounce = evaluation.env.config.text("double_bounce_sender").lower()
    # Without a local part it is the null recipient: postconf(5) empty_address_recipient.
    return local in ("", "postmaster", "mailer-daemon", double_bounce)


CLASSES: Final = (
    DomainClass(ResolveFlag.ALIAS, "", "unknown_virtual_alias_reject_code", "virtual alias"),
    DomainClass(
        ResolveFlag.LOCAL,
        "local_recipient_maps",
        "unknown_local_recipient_reject_code",
        "local recipient",
    ),
    DomainClass(
        ResolveFlag.VIRTUAL,
        "virtual_mailbox_maps",
        "unknown_virtual_mailbox_reject_code",
        "virtual mailbox",
    ),
    DomainClass(
        ResolveFlag.RELAY,
        "relay_recipient_maps",
        "unknown_relay_recipient_reject_code",
        "relay recipient",
    ),
)
ERROR_TRANSPORTS: Final = {"error": (550, ""), "retry": (450, "4.0.0")}
