"""randmap:{value, value}: one of the values, by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from labctl.node.mta.lib.maps.braces import members
from labctl.node.mta.lib.maps.table import Request


class RandomTable:
    """Every key has one of the values."""

    whole_keys_only = True
    warnings: Sequence[str] = ()

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values

    def lookup(self, key: str) -> str | None:
        """Return one of the values."""
        return random.choice(self._values)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: all keys cannot be listed."""
        yield from ()


def open_table(request: Request) -> RandomTable:
    """Open randmap:{...}."""
    return RandomTable(members(request, "value..."))
