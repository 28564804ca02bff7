"""mailq(1): the queue, as ``postqueue -p`` shows it."""

from __future__ import annotations

from collections.abc import Sequence

from labctl.node.mta.commands.options import read_for_later
from labctl.node.mta.commands.queue import postqueue


def main(argv: Sequence[str]) -> int:
    """Options are sendmail's, and mean nothing for a listing."""
    read_for_later()
    return postqueue.main(["postqueue", "-p"])
