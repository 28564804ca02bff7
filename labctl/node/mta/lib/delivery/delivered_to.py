"""Loops between machines: a message that was delivered to this address before.

INPUT AND OUTPUT
    ``addresses(content)`` is the set of addresses in Delivered-To: headers, in lower case.
    Every delivery and every forwarding adds one, so that a message which comes back is known.
"""

from __future__ import annotations

import re
from typing import Final

from labctl.node.wire.addresses import internal


def addresses(content: bytes) -> frozenset[str]:
    """Whom the message has been delivered to before it came here."""
    end = content.find(b"\n\n")
    header = content if end < 0 else content[: end + 1]
    if b"elivered-" not in header and not DELIVERED_TO.search(header):
        return frozenset()
    values = (
        value.decode("utf-8", "surrogateescape") for value in DELIVERED_TO.findall(header)
    )
    return frozenset(internal(" ".join(value.split())).lower() for value in values)


DELIVERED_TO: Final = re.compile(rb"(?mi)^delivered-to[ \t]*:((?:.*\n)(?:[ \t].*\n)*)")
