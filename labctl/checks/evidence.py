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
    returned: bool = False


def trail(token: str, nodes: Nodes) -> Trail:
    """Follow a token through the maillogs of all nodes to where it was seen last."""
    found = [
        (node.name, line)
        for node in nodes.plan.nodes
        for line in nodes.ask(node.name, "log", token=token).get("lines", [])
    ]
    if not found:
        return Trail("no maillog names the message", "", "it never entered a queue")
    reports = [(node, line) for node, line in found if STATUS.search(line)]
    node, line = (reports or found)[-1]
    status = STATUS.search(line)
    cause = f"{node} says: {status[2]}" if status else f"the last to see it was {node}"
    shown = "\n".join(
        f"{node}: {line.partition(']: ')[2] or line}" for node, line in found[-4:]
    )
    returned = bool(status and status[1] == "bounced")
    return Trail(shown, node, cause, returned)
