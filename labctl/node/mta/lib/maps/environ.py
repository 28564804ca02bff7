"""environ:name: the environment of the process; the name is not looked at."""

from __future__ import annotations

import os

from labctl.node.mta.lib.maps.memory import MemoryTable
from labctl.node.mta.lib.maps.table import Request


def open_table(request: Request) -> MemoryTable:
    """Take the environment as it is now."""
    return MemoryTable(dict(os.environ), fold=False)
