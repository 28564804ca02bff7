"""discard(8): report every recipient as delivered, with the next hop for a reason."""

from __future__ import annotations

from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery.agent import Delivery, Recipient, serve_deliveries
from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus


def serve(context: ServiceContext) -> None:
    """Throw away until nobody asks any more."""
    serve_deliveries(context, _discard)


def _discard(delivery: Delivery, _rcpt: Recipient) -> DeliveryStatus:
    status, reason = dsn.split(delivery.request.nexthop, "2.0.0")
    return dsn.sent(reason, status=status, action=Action.RELAYED)
