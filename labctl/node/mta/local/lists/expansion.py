"""What an alias, a .forward file or an :include: file leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus, failed
from labctl.node.mta.local.lists.members import Member
from labctl.node.mta.local.target import Target


class Expansion(NamedTuple):
    """The members, and as what each of them is delivered."""

    members: Sequence[Member]
    target: Target
    # The members stand for the address: a report of success is one for all of them, and says
    # "expanded"; of a mailing list it says "delivered" (RFC 3461 5.2.7).
    report: Action | None = None


# An expansion, an end with an outcome, or None: this is not what was asked for.
Found = Expansion | DeliveryStatus | None


def misconfigured() -> DeliveryStatus:
    """The log has the details; the sender cannot do anything with them."""
    return failed("mail system configuration error", "5.3.5")
