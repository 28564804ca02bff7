"""The order in which local(8) tries to get rid of an address.

    loop? -> \\user -> alias user+ext -> alias user -> forwarded to another user? ->
    .forward -> mailbox -> unknown user

INPUT AND OUTPUT
    ``deliver(attempt, target)`` is True when nothing of the address has to be tried again.
    Whatever an address expands to comes back here, one level deeper: everything that looks
    at an address stands in one module each, and this one holds their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.lib.delivery.agent import DeliveryFlag
from labctl.node.mta.lib.queue.dsn import (
    DeliveryStatus,
    Notify,
    deferred,
    failed,
    sent,
)
from labctl.node.mta.lib.services.rewrite import ResolveFlag, RewriteUnavailable
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.destinations import forwarding
from labctl.node.mta.local.destinations.commands import deliver_to_command
from labctl.node.mta.local.destinations.files import deliver_to_file, deliver_to_home_file
from labctl.node.mta.local.destinations.handover import hand_over
from labctl.node.mta.local.destinations.mailbox import deliver_to_mailbox
from labctl.node.mta.local.destinations.unknown import OtherAddress, OtherTransport, find_other
from labctl.node.mta.local.lists import aliases, dotforward, homes, include
from labctl.node.mta.local.lists.expansion import Expansion, Found
from labctl.node.mta.local.lists.members import Kind, Member
from labctl.node.mta.local.target import Source, Target, addressed_to


def deliver(attempt: Attempt, target: Target) -> bool:
    """Deliver to an address of this machine."""
    address = target.rcpt.address
    if not attempt.is_new("recipient", f"{target.level} {address}"):
        return True
    if address.lower() in attempt.delivered_before:
        owner = aliases.list_owner(attempt, address.partition("@")[0])
        told = target._replace(sender=owner) if owner else target
        return attempt.conclude(told, failed(f"mail forwarding loop for {address}", "5.4.6"))
    target = addressed_to(target, attempt.config)
    if not target.user:
        return attempt.conclude(target, failed(f'null username in "{address}"', "5.1.3"))
    if target.extension and "/" in target.extension:
        queue_id = attempt.delivery.request.queue_id
        attempt.warn(f"{queue_id}: address with illegal extension: {target.local}")
        target = target._replace(extension=None, unmatched=None)
    return _switch(attempt, target)


def _switch(attempt: Attempt, target: Target) -> bool:
    if target.rcpt.address.startswith("\\"):
        return _deliver_to_user(attempt, _without_backslash(target))
    found = _by_alias(attempt, target)
    if found is not None:
        return _follow(attempt, target, found)
    if _has_other_owner(target) or target.source is Source.INCLUDE:
        return _forward(attempt, target)
    if trouble := homes.trouble(attempt.config, target.user):
        return attempt.conclude(target, trouble)
    found = dotforward.expand(attempt, target)
    if found is not None:
        followed = _follow(attempt, target, found)
        dotforward.finished(attempt, target)
        return followed
    return _deliver_to_user(attempt, target)


def _by_alias(attempt: Attempt, target: Target) -> Found:
    """aliases(5): first the name with its extension, then the bare name."""
    found = aliases.expand(attempt, target._replace(unmatched=None), target.local)
    if found is not None or target.extension is None:
        return found
    spread = "alias" in attempt.config.words("propagate_unmatched_extensions")
    bare = target._replace(unmatched=target.extension if spread else None)
    return aliases.expand(attempt, bare, target.user)


def _has_other_owner(target: Target) -> bool:
    # An address that came out of somebody's list or .forward file, for somebody else.
    return target.owner is not None and target.owner.lower() != target.user.lower()


def _without_backslash(target: Target) -> Target:
    bare = target.with_address(target.rcpt.address[1:])
    return bare._replace(local=target.local[1:], user=target.user[1:])


def _deliver_to_user(attempt: Attempt, target: Target) -> bool:
    delivered = deliver_to_mailbox(attempt, target)
    return _deliver_to_nobody(attempt, target) if delivered is None else delivered


def _deliver_to_nobody(attempt: Attempt, target: Target) -> bool:
    match find_other(attempt, target):
        case OtherTransport(destination):
            return hand_over(attempt, target, destination)
        case OtherAddress(address, relayed):
            return _deliver_to_address(attempt, relayed, address)
        case status:
            return attempt.conclude(target, status)


def _follow(attempt: Attempt, target: Target, found: Expansion | DeliveryStatus) -> bool:
    """Deliver to all members; the alias is done when each of them is."""
    if isinstance(found, DeliveryStatus):
        return attempt.conclude(target, found)
    members = found.target.without_success_reports() if found.report else found.target
    outcomes = [_deliver_to_member(attempt, members, member) for member in found.members]
    done = all(outcomes)
    if done and found.report and target.rcpt.notify & Notify.SUCCESS:
        text = f"delivery via {attempt.tools.service}: alias expanded"
        attempt.delivery.append("trace", target.rcpt, sent(text, action=found.report))
    return done


def _deliver_to_member(attempt: Attempt, target: Target, member: Member) -> bool:
    if member.kind is Kind.ADDRESS:
        return _deliver_to_address(attempt, target, member.text)
    if member.kind is Kind.INCLUDE:
        found = include.expand(attempt, target.deeper(), member.text)
        return found is None or _follow(attempt, target, found)
    status = LEAVES[member.kind](attempt, target, member.text)
    return status is None or attempt.conclude(target, status)


def _deliver_to_address(attempt: Attempt, target: Target, address: str) -> bool:
    """An address may be ours, and go on here; or it needs a message of its own."""
    try:
        resolved = attempt.tools.resolve(target.sender, address)
    except RewriteUnavailable as error:
        attempt.warn(str(error))
        return attempt.conclude(target, deferred("address resolver failure"))
    if resolved.flags & ResolveFlag.FAIL:
        return attempt.conclude(target, deferred("address resolver failure"))
    if resolved.flags & ResolveFlag.ERROR:
        text = f"bad recipient address syntax: {resolved.recipient or address}"
        return attempt.conclude(target, failed(text, "5.1.3"))
    delimiters = attempt.config.text("recipient_delimiter")
    full = _with_extension(resolved.recipient, target.unmatched, delimiters)
    member = target.with_address(full).deeper()
    if resolved.transport == attempt.tools.service:
        return deliver(attempt, member)
    return _forward(attempt, member)


def _with_extension(address: str, extension: str | None, delimiters: str) -> str:
    """postconf(5) propagate_unmatched_extensions: user+ext, wherever user leads."""
    if not extension or not delimiters:
        return address
    local, at, domain = address.rpartition("@")
    return f"{local or domain}{delimiters[0]}{extension}" + (f"@{domain}" if at else "")


def _forward(attempt: Attempt, target: Target) -> bool:
    if not attempt.is_new("indirect", target.rcpt.address):
        return True
    if attempt.delivery.request.flags & (DeliveryFlag.VERIFY_MTA | DeliveryFlag.VERIFY_USER):
        return attempt.conclude(target, sent(f"forwards to {target.rcpt.address}"))
    forwarding.add(attempt, target)
    return True


# What an address can lead to and what leads nowhere else.
LEAVES: Final[Mapping[Kind, Callable[[Attempt, Target, str], DeliveryStatus | None]]] = {
    Kind.FILE: deliver_to_file,
    Kind.HOME_FILE: deliver_to_home_file,
    Kind.COMMAND: deliver_to_command,
}
