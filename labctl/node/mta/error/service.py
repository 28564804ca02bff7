"""error(8): every recipient fails, with the next hop for a reason.

The reason may begin with a status: "5.1.6 moved away".  retry(8) is the same program under
another name, and its failures are temporary.
"""

from __future__ import annotations

from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery.agent import Delivery, Recipient, serve_deliveries
from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.lib.queue.dsn import DeliveryStatus


def serve(context: ServiceContext) -> None:
    """Fail until nobody asks any more."""
    temporary = context.service == "retry"

    def deliver(delivery: Delivery, _rcpt: Recipient) -> DeliveryStatus:
        return outcome(delivery.request.nexthop, temporary=temporary)

    serve_deliveries(context, deliver)


def outcome(nexthop: str, *, temporary: bool) -> DeliveryStatus:
    """The status that the next hop names, unless it is of the wrong class for the service."""
    default = "4.0.0" if temporary else "5.0.0"
    status, reason = dsn.split(nexthop, default)
    if status[0] != default[0]:
        status = default
    return dsn.deferred(reason, status) if temporary else dsn.failed(reason, status)
