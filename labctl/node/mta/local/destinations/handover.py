"""Give a recipient to another transport: mailbox_transport, fallback_transport.

The other agent logs, records and marks the recipient itself: we only pass the request on, as
qmgr would have sent it.
"""

from __future__ import annotations

from labctl.node.mta.lib.delivery.agent import DeliveryReply
from labctl.node.mta.lib.queue.dsn import deferred
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.target import Target


def hand_over(attempt: Attempt, target: Target, destination: str) -> bool:
    """True when the recipient is done; ``destination`` is ``transport:nexthop``."""
    transport, _, nexthop = destination.partition(":")
    nexthop = nexthop or target.domain
    request = attempt.delivery.request._replace(
        nexthop=nexthop,
        recipients=(target.rcpt,),
        sender=target.sender,
    )
    timeout = attempt.config.seconds("ipc_timeout")
    try:
        with ipc.connect(attempt.config, "private", transport, timeout) as agent:
            # It says that it is ready, and only then takes a request.
            ipc.receive(agent)
            ipc.send(agent, request.to_attributes())
            return DeliveryReply.from_attributes(ipc.receive(agent)).done
    except (OSError, EOFError, KeyError, ipc.ProtocolError) as error:
        attempt.warn(f"connect to private/{transport}: {error}")
        return attempt.conclude(target, deferred("mail transport unavailable"))
