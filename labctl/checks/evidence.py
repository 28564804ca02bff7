"""What the logs and queues of a lab say about a message that is not where it should be."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from labctl.checks.nodes import Nodes

STATUS: Final = re.compile(r" status=(\w+) \((.*)\)$")


class Trail(NamedTuple):
    """The last that is known of a message."""

    lines: str
    node: str
    cause: str
    status: str = ""  # of its last delivery: "sent", "deferred", "bounced"


def trail(token: str, nodes: Nodes) -> Trail:
    """Follow a token through the maillogs of all nodes to where it was seen last."""
    found = [
        (node.name, line)
        for node in nodes.plan.nodes
        for line in nodes.ask(node.name, "log", token=token).get("lines", [])
    ]
    if not found:
        return Trail("no maillog names the message", "", "it never entered a queue")
    node, line = max(found, key=lambda report: _weight(report[1]))
    status = STATUS.search(line)
    cause = f"{node} says: {status[2]}" if status else f"the last to see it was {node}"
    # The node where it ended comes last, as the eye reads it.
    told = [one for one in found if one[0] != node] + [one for one in found if one[0] == node]
    shown = "\n".join(f"{node}: {line.partition(']: ')[2] or line}" for node, line in told[-4:])
    return Trail(shown, node, cause, status[1] if status else "")


def _weight(line: str) -> int:
    """What says most about a message that did not arrive: a refusal, then a delay."""
    status = STATUS.search(line)
    return WEIGHTS.index(status[1]) if status and status[1] in WEIGHTS else -1


# "sent" may be one hop on the way, so that the others count more.
WEIGHTS: Final = ("sent", "deferred", "expired", "bounced")
