"""A table that lies wholly in memory: what inline:, texthash: and hash: come down to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


class MemoryTable:
    """Keys are folded to lower case when the table was written so."""

    whole_keys_only = False

    def __init__(
        self, entries: Mapping[str, str], *, fold: bool = True, warnings: Sequence[str] = ()
    ) -> None:
        self._entries, self._fold = entries, fold
        self.warnings = warnings

    def lookup(self, key: str) -> str | None:
        """Return the value for the key, or None."""
        return self._entries.get(key.lower() if self._fold else key)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield the entries in the order of the source."""
        yield from self._entries.items()
