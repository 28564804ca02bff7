"""Names that are neither alias nor user: fallback_transport, luser_relay, or nobody.

``find_other(attempt, target)`` returns what to do instead; the caller does it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.maps.table import MapError
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred, failed, sent
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.macros import expand as expand_macros
from labctl.node.mta.local.target import Target


class OtherTransport(NamedTuple):
    """postconf(5) fallback_transport."""

    destination: str


class OtherAddress(NamedTuple):
    """postconf(5) luser_relay."""

    address: str
    target: Target


Other = OtherTransport | OtherAddress | DeliveryStatus


def find_other(attempt: Attempt, target: Target) -> Other:
    """What to do with mail for a name that nobody has."""
    config = attempt.config
    try:
        fallback = maps_of(config, "fallback_transport_maps").lookup(target.user)
    except MapError as error:
        attempt.warn(str(error))
        return deferred("table lookup failure")
    if transport := fallback or config.text("fallback_transport"):
        return OtherTransport(transport)
    if pattern := config.raw("luser_relay"):
        # postconf(5) luser_relay: the extension is in the address if it should be there.
        relay = expand_macros(pattern, target, None).text
        return OtherAddress(relay, target._replace(unmatched=None))
    if target.user.lower() in REQUIRED:
        # RFC 2142 5: somebody has to have these; a bounce of a bounce would help nobody.
        attempt.warn(f"required alias not found: {target.user}")
        return sent("discarded")
    return failed(f'unknown user: "{target.user}"', "5.1.1")


REQUIRED: Final = ("mailer-daemon", "postmaster")
