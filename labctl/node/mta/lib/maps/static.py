"""static:value or static:{value with spaces}: the same answer to every question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.table import Request


class StaticTable:
    """A table with one value for all keys."""

    whole_keys_only = False
    warnings: Sequence[str] = ()

    def __init__(self, value: str) -> None:
        self._value = value

    def lookup(self, key: str) -> str | None:
        """Return the value, whatever the key."""
        return self._value

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: all keys cannot be listed."""
        yield from ()


def open_table(request: Request) -> StaticTable:
    """Open static:name."""
    if not request.name.startswith("{"):
        return StaticTable(request.name)
    if not request.name.endswith("}"):
        raise Fatal(f"bad static:name syntax: missing '}}' in \"{request.name}\"")
    return StaticTable(request.name[1:-1].strip())
