"""Whether a message has been dealt with everywhere, so that nothing more can come of it."""

from __future__ import annotations

import re
import time
from typing import Any, Final

from labctl.checks.failure import CheckFailed
from labctl.checks.nodes import Nodes

LONGEST: Final = 15.0  # seconds
NAMED: Final = re.compile(r"\]: (\w+): message-id=")
REMOVED: Final = re.compile(r"/qmgr\[\d+\]: (\w+): removed$")
# Mail in these will be looked at in a moment; in the others it waits for its time.
MOVING: Final = ("maildrop", "incoming", "active")


def until_settled(token: str, nodes: Nodes) -> None:
    """Wait until no queue has the message, nor anything that has come of it, on its way.

    What a program posts while it is run for the message is in a queue before the message
    is removed from its own: first the message is over, then the queues are empty.
    """
    deadline = time.monotonic() + LONGEST
    while left := what_is_left(token, nodes):
        if time.monotonic() >= deadline:
            raise CheckFailed(
                expected="the message is dealt with, and so is what has come of it",
                got=f"after {LONGEST:g} s there is still: {', '.join(left)}",
                cause="mail goes round, or a program does not end",
                next_command=f"labctl exec {left[0].partition(' ')[0]} -- mailq",
            )


def what_is_left(token: str, nodes: Nodes) -> list[str]:
    """Name the queue files that something can still come of, each with its node."""
    return [*_unfinished(token, nodes), *_moving(nodes)]


def _unfinished(token: str, nodes: Nodes) -> list[str]:
    found = []
    for node in nodes.plan.nodes:
        lines = nodes.ask(node.name, "log", token=token).get("lines", [])
        named = {match[1] for line in lines if (match := NAMED.search(line))}
        removed = {match[1] for line in lines if (match := REMOVED.search(line))}
        found += [f"{node.name} {one}" for one in sorted(named - removed)]
    return found


def _moving(nodes: Nodes) -> list[str]:
    found = []
    for node in nodes.plan.nodes:
        if any(service.name == "postfix" for service in node.services):
            entries: list[dict[str, Any]] = nodes.ask(node.name, "queue").get("entries", [])
            moving = [one for one in entries if one["queue_name"] in MOVING]
            found += [f"{node.name} {one['queue_id']}" for one in moving]
    return found
