"""Requests between qmgr and its agents survive the wire."""

from labctl.node.mta.lib.queue.dsn import Notify, deferred
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import (
    DeliveryFlag,
    DeliveryReply,
    DeliveryRequest,
    Times,
)


def test_a_request_arrives_as_it_was_sent():
    """Every field, odd addresses included."""
    request = DeliveryRequest(
        "active",
        "ABC",
        100,
        200,
        "ann@example.test",
        "[198.18.0.1]:25",
        (Recipient("a b@x.test", "", "rfc822;a b@x.test", Notify.SUCCESS, 7), Recipient("c@d")),
        Times(1.5, 2.5, 3.5),
        DeliveryFlag.RECORD,
        encoding="8bit",
        attributes={"client_name": "c.example.test"},
    )

    assert (
        DeliveryRequest.from_attributes(ipc.decode(ipc.encode(request.to_attributes())))
        == request
    )


def test_a_reply_may_condemn_the_destination():
    """That is what makes qmgr leave a site alone."""
    reply = DeliveryReply(done=False, destination=deferred("connect: refused", "4.4.1"))

    assert DeliveryReply.from_attributes(reply.to_attributes()) == reply
