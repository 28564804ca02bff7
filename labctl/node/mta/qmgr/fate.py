"""What becomes of a message when every recipient has had its try.

STATES
    nobody is left                  -> REMOVE
    somebody is left, time is up    -> RETURN    the log of deferrals becomes the bounce
    somebody is left, late          -> WARN      then POSTPONE
    somebody is left                -> POSTPONE  to ``next_attempt()``
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from labctl.node.mta.lib.queue.queue_file import Envelope


class Fate(enum.Enum):
    """What becomes of a message once nobody delivers it any more."""

    REMOVE = "removed"
    RETURN = "returned to sender"
    WARN = "the sender is told, and the message tried again"
    POSTPONE = "tried again"


class Patience(NamedTuple):
    """The times of qmgr(8), in seconds."""

    minimal_backoff: float = 300.0
    maximal_backoff: float = 4000.0
    lifetime: float = 432000.0  # maximal_queue_lifetime
    bounce_lifetime: float = 432000.0  # bounce_queue_lifetime: a report nobody may want


def fate(
    envelope: Envelope, patience: Patience, *, unfinished: bool, now: float, expire: bool
) -> Fate:
    """Decide; ``expire`` is postsuper -e."""
    if not unfinished:
        return Fate.REMOVE
    lifetime = patience.lifetime if envelope.sender else patience.bounce_lifetime
    if expire or now >= envelope.created + lifetime:
        return Fate.RETURN
    if 0 < envelope.warn_at <= now + 1:
        return Fate.WARN
    return Fate.POSTPONE


def next_attempt(envelope: Envelope, patience: Patience, now: float) -> float:
    """As long again as the message has waited already, within the limits of backoff."""
    waited = now - envelope.created
    return now + min(max(waited, patience.minimal_backoff), patience.maximal_backoff)
