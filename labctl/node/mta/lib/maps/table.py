"""What every lookup table can do, whatever its type.

FAILURE
    Opening raises ``Fatal`` with Postfix's words. A daemon must not die of a missing table,
    so ``open_maps`` puts a ``Broken`` one in its place, which fails at every lookup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


class MapError(Exception):
    """A table cannot be asked now; what depends on its answer must wait."""


class Request(NamedTuple):
    """What is to be opened: `type:name`, with the source text folded to lower case or not."""

    type: str
    name: str
    config: Config
    fold: bool = True
    substitution: bool = True  # whether a result may hold $1, what a stranger has written

    @property
    def table(self) -> str:
        """The table as main.cf writes it."""
        return f"{self.type}:{self.name}"


class Table(Protocol):
    """One lookup table."""

    # Whether a lookup is made with the whole address only: regexp, pcre, cidr, tcp and the
    # like match patterns (postconf(5): "no partial keys"; "$1" would be unsafe).
    whole_keys_only: bool
    # What was worth a warning when the table was read.
    warnings: Sequence[str]

    def lookup(self, key: str) -> str | None:
        """Return the value for the key, or None."""
        ...

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield all entries, for `postmap -s`."""
        ...


class Broken:
    """A table that could not be opened."""

    whole_keys_only = False

    def __init__(self, table: str, reason: str) -> None:
        self.table, self.reason = table, reason
        self.warnings: Sequence[str] = ()

    def lookup(self, key: str) -> str | None:
        """Fail, so that mail waits until the administrator has repaired the table."""
        raise MapError(f"{self.table} is unavailable. {self.reason}")

    def items(self) -> Iterator[tuple[str, str]]:
        """Fail like a lookup."""
        raise MapError(f"{self.table} is unavailable. {self.reason}")
