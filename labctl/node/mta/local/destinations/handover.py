"""Give a recipient to another transport: mailbox_transport, fallback_transport."""

from __future__ import annotations

from labctl.node.mta.lib.delivery import handover
from labctl.node.mta.lib.queue.dsn import deferred
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.target import Target


def hand_over(attempt: Attempt, target: Target, destination: str) -> bool:
    """True when the recipient is done; ``destination`` is ``transport:nexthop``."""
    transport, _, nexthop = destination.partition(":")
    where = f"{transport}:{nexthop or target.domain}"
    try:
        return handover.pass_on(attempt.delivery, target.rcpt, where, sender=target.sender)
    except handover.NobodyThere:
        return attempt.conclude(target, deferred("mail transport unavailable"))
