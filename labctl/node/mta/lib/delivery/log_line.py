"""The one line a delivery agent logs for each recipient, in the words of Postfix.

ID: to=<bob@example.test>, relay=local, delay=0.1, delays=0.09/0.01/0/0, dsn=2.0.0,
status=sent (delivered to mailbox)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.delivery_request import Times
from labctl.node.wire.addresses import external


class Hop(NamedTuple):
    """How a recipient was reached: by what, since when, over a connection used how often."""

    relay: str = ""  # "" is logged as none
    connected: float = 0.0  # 0: no connection was needed
    uses: int = 1


def delivery_line(
    queue_id: str,
    rcpt: Recipient,
    hop: Hop,
    times: Times,
    *,
    now: float,
    result: str,
    finest: int = 2,
) -> str:
    """The text after the program's name; ``result`` begins with "dsn="."""
    recipient = f"to=<{external(rcpt.address)}>,"
    # A rewrite that only changes case would look like an alias to log readers.
    if rcpt.original and rcpt.original.lower() != rcpt.address.lower():
        recipient += f" orig_to=<{external(rcpt.original)}>,"
    uses = f" conn_use={hop.uses}," if hop.uses > 1 else ""
    stages = list(_stages(hop, times, now))
    delays = "/".join(format_delay(stage, finest) for stage in stages)
    total = format_delay(now - times.arrival, finest)
    return (
        f"{queue_id}: {recipient} relay={hop.relay or 'none'},{uses}"
        f" delay={total}, delays={delays}, {result}"
    )


def format_delay(seconds: float, finest: int = 2) -> str:
    """Two significant digits, at most ``finest`` of them after the point, no trailing zeros.

    postconf(5) delay_logging_resolution_limit: 2 is the default.
    """
    # The smaller the number, the more zeros stand before the first of its digits.
    magnitude = math.floor(math.log10(seconds)) if seconds > 0 else 0
    decimals = min(max(SIGNIFICANT - 1 - magnitude, 0), finest)
    seconds = max(seconds, 0.0)
    text = f"{seconds:.{decimals}f}"
    return text.rstrip("0").rstrip(".") or "0" if decimals else text


def _stages(hop: Hop, times: Times, now: float) -> Iterator[float]:
    """Before qmgr, in qmgr, connecting, transmitting."""
    yield times.active - times.arrival
    yield times.handoff - times.active
    yield hop.connected - times.handoff if hop.connected else 0.0
    yield now - (hop.connected or times.handoff)


SIGNIFICANT: Final = 2
