"""Who still has to be delivered, and what is written down about whom.

RULES
    A temporary refusal is final only at the last host; before that it is logged, and the next
    host gets those recipients.  A permanent refusal is final everywhere, unless soft_bounce
    makes it temporary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labctl.node.mta.lib.delivery.agent import Delivery, Hop
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify
from labctl.node.mta.lib.queue.queue_file import Recipient


@dataclass
class Outcome:
    """The recipients of one request."""

    delivery: Delivery
    soft_bounce: bool
    left: list[Recipient] = field(default_factory=list)  # for the next host
    undecided: list[Recipient] = field(default_factory=list)  # this host has not answered yet
    failure: DeliveryStatus | None = None  # the last reason why somebody is left
    destination: DeliveryStatus | None = None  # what qmgr is told about the next hop
    hop: Hop = field(default_factory=Hop)
    is_last: bool = False  # no other host comes after this one

    def begin(self, hop: Hop, *, is_last: bool) -> None:
        """A host is about to get everybody who is left."""
        self.hop, self.is_last = hop, is_last
        self.undecided, self.left = self.left, []

    def decide(
        self, recipients: Sequence[Recipient], status: DeliveryStatus, *, final: bool = False
    ) -> None:
        """The host has said something about some recipients."""
        offsets = {rcpt.offset for rcpt in recipients}
        chosen = [rcpt for rcpt in self.undecided if rcpt.offset in offsets]
        self.undecided = [rcpt for rcpt in self.undecided if rcpt.offset not in offsets]
        soft = status.is_temporary or (status.is_permanent and self.soft_bounce)
        if soft and not self.is_last:
            self.delivery.log.info(f"{self.delivery.request.queue_id}: {status.reason}")
            self.failure = status
            self.left += chosen
            return
        for rcpt in chosen:
            # RFC 3461 5.2.1: a server that knows DSN reports success itself.
            if final and status.is_success:
                rcpt = rcpt._replace(notify=rcpt.notify & ~Notify.SUCCESS)
            self.delivery.settle(rcpt, status, self.hop)

    def decide_rest(self, status: DeliveryStatus) -> None:
        """Everybody of whom this host said nothing: the host is the trouble."""
        throttle = status.is_temporary and self.is_last and self.undecided
        self.decide(self.undecided, status)
        if throttle:
            self.destination = status

    def give_up(self, status: DeliveryStatus) -> None:
        """No host is left to try."""
        self.begin(Hop(), is_last=True)
        self.decide_rest(status)
