"""Give a recipient to another transport, as mailbox_transport and best_mx_transport want it.

The other agent logs, records and marks the recipient itself: we only pass the request on, as
qmgr would have sent it.
"""

from __future__ import annotations

from labctl.node.mta.lib.delivery.agent import Delivery, DeliveryReply
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import ipc
from labctl.node.wire.addresses import external


class NobodyThere(Exception):
    """The other agent cannot be reached."""


def pass_on(
    delivery: Delivery, rcpt: Recipient, destination: str, *, sender: str | None = None
) -> bool:
    """True when the recipient is done; ``destination`` is ``transport[:nexthop]``.

    Raises NobodyThere.
    """
    transport, _, nexthop = destination.partition(":")
    request = delivery.request._replace(
        nexthop=nexthop or rcpt.address.rpartition("@")[2],
        recipients=(rcpt,),
        sender=delivery.request.sender if sender is None else sender,
    )
    passing = f"passing <{external(rcpt.address)}> to transport={transport}"
    delivery.log.info(f"{delivery.request.queue_id}: {passing}")
    timeout = delivery.config.seconds("ipc_timeout")
    try:
        with ipc.connect(delivery.config, "private", transport, timeout) as agent:
            # It says that it is ready, and only then takes a request.
            ipc.receive(agent)
            ipc.send(agent, request.to_attributes())
            return DeliveryReply.from_attributes(ipc.receive(agent)).done
    except (OSError, EOFError, KeyError, ipc.ProtocolError) as error:
        delivery.log.warning(f"connect to private/{transport}: {error}")
        raise NobodyThere from error
