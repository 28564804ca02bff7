"""Lookup tables: `type:name` opened, one after the other asked, the first answer wins.

INPUT AND OUTPUT
    ``open_maps("hash:/etc/postfix/a, regexp:/etc/postfix/b", config)`` returns ``Maps``;
    ``.lookup(key)`` the value or None; ``.lookup_address(address)`` walks the order that
    canonical(5), virtual(5), relocated(5) and transport-like tables document for addresses.

FAILURE
    ``MapError``: the table cannot be asked now. The caller answers "try again later".

One file per kind of table; ``types.TYPES`` says which file knows which type, and imports
nothing before a table of that type is opened.
"""

from __future__ import annotations

from labctl.node.mta.lib.maps.table import MapError, Table
from labctl.node.mta.lib.maps.types import TYPES, Maps, maps_of, open_maps, open_table

__all__ = ["TYPES", "MapError", "Maps", "Table", "maps_of", "open_maps", "open_table"]
