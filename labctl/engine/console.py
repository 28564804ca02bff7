"""What a node's init says on its console, understood (ARCHITECTURE, seam D)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from labctl.engine.interface import NodeState


class Said(NamedTuple):
    """What a line, or all of them, mean for the node; ``reason`` is why it failed."""

    state: NodeState
    reason: str = ""


def understand(line: str) -> Said | None:
    """Give what one line means; most of them mean nothing."""
    if line == "ready":
        return Said(NodeState.READY)
    if line.startswith("service ") and " failed: " in line:
        return Said(NodeState.FAILED, line)
    return None


def state_after(lines: Iterable[str]) -> Said:
    """Give how a node stands that has said all this since it was started."""
    meanings = [said for line in lines if (said := understand(line))]
    return meanings[-1] if meanings else Said(NodeState.STARTING)
