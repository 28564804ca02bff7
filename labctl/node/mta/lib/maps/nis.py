"""nis:map: asks the Network Information Service, which this machine has not joined.

The default alias_maps names a NIS map. Without a NIS domain Postfix says so once and finds
nothing; we never have a NIS domain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labctl.node.mta.lib.maps.table import Request


class NisTable:
    """A table in which nothing is found."""

    whole_keys_only = False
    warnings: Sequence[str] = ("dict_nis_init: NIS domain name not set - NIS lookups disabled",)

    def lookup(self, key: str) -> str | None:
        """Find nothing."""
        return None

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing."""
        yield from ()


def open_table(_request: Request) -> NisTable:
    """Open nis:name."""
    return NisTable()
