"""From what trivial-rewrite says to a transport, a next hop, and a name for the scheduler.

ORDER
    a content filter, or what a table redirects to, comes before the recipient's own route;
    then what cannot be delivered goes to error(8) or retry(8), which log and report it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred
from labctl.node.mta.lib.queue.queue_file import Envelope, Recipient
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag


class Route(NamedTuple):
    """Where one recipient goes."""

    transport: str
    nexthop: str
    recipient: Recipient
    discard: bool = False  # a double bounce that came home


class Policy(NamedTuple):
    """The parameters that bend routes."""

    error: str = "error"  # error_service_name
    retry: str = "retry"  # retry_service_name
    defer_transports: frozenset[str] = frozenset()
    double_bounce: str = "double-bounce"  # double_bounce_sender

    @classmethod
    def of(cls, config: Config) -> Policy:
        return cls(
            config.text("error_service_name"),
            "retry",
            frozenset(config.words("defer_transports")),
            config.text("double_bounce_sender"),
        )


def question(envelope: Envelope, rcpt: Recipient) -> str:
    """The address to ask trivial-rewrite about."""
    return envelope.redirect or rcpt.address


def route(
    envelope: Envelope, rcpt: Recipient, resolved: Resolved, policy: Policy, *, flush: bool
) -> Route:
    """Decide; ``flush`` lifts defer_transports for once, as postqueue -f does."""
    if resolved.flags & ResolveFlag.FAIL:
        return Route(policy.retry, "4.3.0 address resolver failure", rcpt)
    if not resolved.recipient:
        return Route(policy.error, "5.1.3 null recipient address", rcpt)
    if resolved.flags & ResolveFlag.ERROR:
        return Route(policy.error, "5.1.3 bad address syntax", rcpt)
    rcpt = rcpt._replace(address=resolved.recipient)
    transport, nexthop = _service(envelope, resolved)
    if _is_double_bounce(rcpt, resolved, policy):
        return Route(transport, nexthop, rcpt, discard=True)
    if transport in policy.defer_transports and not flush:
        return Route(policy.retry, "4.3.2 deferred transport", rcpt)
    return Route(transport, nexthop, rcpt)


def destination_name(route: Route, recipient_limit: int, delimiter: str) -> str:
    """What counts as one destination: a next hop, or a mailbox where agents take one each.

    postconf(5) local_destination_concurrency_limit is per user for that reason.
    """
    if recipient_limit != 1:
        return route.nexthop.lower()
    user = route.recipient.address.rpartition("@")[0]
    for character in delimiter:
        head = user.partition(character)[0]
        user = head or user
    return f"{user}@{route.nexthop}".lower()


def suspended(reason: DeliveryStatus) -> str:
    """The next hop of retry(8) for mail to a destination that does not answer."""
    return f"{reason.status} delivery temporarily suspended: {reason.reason}"


def unavailable(reason: DeliveryStatus) -> str:
    """The next hop of retry(8) while a transport as a whole is out of order."""
    return f"{reason.status} {reason.reason}"


def _service(envelope: Envelope, resolved: Resolved) -> tuple[str, str]:
    if not envelope.filter:
        return resolved.transport, resolved.nexthop
    transport, _, nexthop = envelope.filter.partition(":")
    # postconf(5) content_filter: without a destination it is the recipient's domain.
    return transport, nexthop or resolved.recipient.rpartition("@")[2]


def _is_double_bounce(rcpt: Recipient, resolved: Resolved, policy: Policy) -> bool:
    local_part = rcpt.address.rpartition("@")[0]
    return bool(resolved.flags & ResolveFlag.LOCAL) and (
        local_part.lower() == policy.double_bounce.lower()
    )


# What an agent's silence means, by how far it came.
NO_AGENT: Final = deferred("mail transport unavailable")
NO_REPLY: Final = deferred("unknown mail transport error")
