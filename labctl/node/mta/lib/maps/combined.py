"""pipemap:{a, b}: the answer of one table is the question to the next.
unionmap:{a, b}: the answers of all tables, with commas between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.braces import bad_syntax, members
from labctl.node.mta.lib.maps.table import Request, Table
from labctl.node.mta.lib.maps.types import open_table as open_any

FORM = "type:name..."


class CombinedTable:
    """Several tables in one."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables
        self.whole_keys_only = any(table.whole_keys_only for table in tables)
        self.warnings = [warning for table in tables for warning in table.warnings]

    def lookup(self, key: str) -> str | None:
        """Ask the members."""
        raise NotImplementedError

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: what the combination answers cannot be listed."""
        yield from ()


class PipeTable(CombinedTable):
    """postconf(5) pipemap: no answer anywhere is no answer."""

    def lookup(self, key: str) -> str | None:
        """Send the key through all tables."""
        value: str | None = key
        for table in self.tables:
            value = table.lookup(value) if value is not None else None
        return value


class UnionTable(CombinedTable):
    """postconf(5) unionmap: tables without an answer are left out."""

    def lookup(self, key: str) -> str | None:
        """Ask all tables."""
        values = [table.lookup(key) for table in self.tables]
        return ",".join(value for value in values if value is not None) or None


def open_table(request: Request) -> CombinedTable:
    """Open every member."""
    words = members(request, FORM)
    if any(":" not in word for word in words):
        raise Fatal(bad_syntax(request, FORM))
    tables = [open_any(word, request.config, fold=request.fold) for word in words]
    return PipeTable(tables) if request.type == "pipemap" else UnionTable(tables)
