"""fail:name: a table that never answers, for drills (DATABASE_README)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labctl.node.mta.lib.maps.table import MapError, Request


class FailTable:
    """Every lookup is a temporary failure."""

    whole_keys_only = True
    warnings: Sequence[str] = ()

    def lookup(self, key: str) -> str | None:
        """Fail."""
        raise MapError("Application error")

    def items(self) -> Iterator[tuple[str, str]]:
        """Fail too."""
        raise MapError("Application error")


def open_table(request: Request) -> FailTable:
    """Open fail:name, whatever the name."""
    return FailTable()
