"""proxy:type:name: the table itself.

WHY DIRECT
    proxymap(8) exists to share one open table among many processes. Ours share the memory of
    their parent and map table files into memory; there is nothing left to share.
"""

from __future__ import annotations

from labctl.node.mta.lib.maps.table import Request, Table
from labctl.node.mta.lib.maps.types import open_table as open_any


def open_table(request: Request) -> Table:
    """Open what stands behind `proxy:`."""
    return open_any(request.name, request.config, fold=request.fold)
