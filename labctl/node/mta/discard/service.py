"""discard(8): report every recipient as delivered, with the next hop for a reason."""

from __future__ import annotations

from labctl.node.mta.lib import dsn
from labctl.node.mta.lib.delivery import Delivery, Recipient, serve_deliveries
from labctl.node.mta.lib.dsn import Action, DeliveryStatus
from labctl.node.mta.lib.server import ServiceContext


def serve(context: ServiceContext) -> None:
    """Throw away until nobody asks any more."""
    serve_deliveries(context, _discard)


def _discard(delivery: Delivery, _rcpt: Recipient) -> DeliveryStatus:
    status, reason = dsn.split(delivery.request.nexthop, "2.0.0")
    return dsn.sent(reason, status=status, action=Action.RELAYED)
