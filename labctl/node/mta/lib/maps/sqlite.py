"""sqlite:/etc/postfix/file.cf: a query of an SQLite database (sqlite_table(5)).

The .cf file names `dbpath` and `query`; in the query %s is the key, %u and %d are the parts of
an address, %1 %2 ... the labels of its domain from the right. `result_format` and `domain`
are obeyed too.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.settings_file import read_settings
from labctl.node.mta.lib.maps.table import MapError, Request

QUERY_TIMEOUT = 5.0


class SqliteTable:
    """One query; all rows and columns of the answer are joined with commas."""

    whole_keys_only = False
    warnings: Sequence[str] = ()

    def __init__(self, path: str, query: str, result_format: str, domains: set[str]) -> None:
        self._path, self._query = path, query
        self._format, self._domains = result_format, domains

    def lookup(self, key: str) -> str | None:
        """Ask the database."""
        key = key.lower()
        domain = key.rpartition("@")[2] if "@" in key else ""
        if self._domains and domain not in self._domains:
            return None
        query = expand_query(self._query, key)
        if query is None:
            return None
        try:
            rows = self._ask(query)
        except sqlite3.Error as error:
            raise MapError(str(error)) from error
        values = [str(value) for row in rows for value in row if value not in (None, "")]
        found = [_formatted(self._format, value, key) for value in values]
        return ",".join(found) or None

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        base = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=QUERY_TIMEOUT)
        try:
            return base.execute(query).fetchall()
        finally:
            base.close()

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: a query has no list of keys."""
        yield from ()


def open_table(request: Request) -> SqliteTable:
    """Read the .cf file."""
    settings = {one.name: one.value for one in read_settings(request.name)}
    if not settings.get("dbpath") or not settings.get("query"):
        raise Fatal(f"{request.name}: need dbpath and query")
    domains = set(settings.get("domain", "").lower().replace(",", " ").split())
    result_format = settings.get("result_format", "%s")
    return SqliteTable(settings["dbpath"], settings["query"], result_format, domains)


def expand_query(template: str, key: str) -> str | None:
    """Put the key into the query; None when the key has no such part."""
    missing = False

    def replace(match: re.Match[str]) -> str:
        nonlocal missing
        value = _part(match[1], key)
        missing = missing or value is None
        return (value or "").replace("'", "''")

    text = re.sub(r"%(%|[a-zA-Z]|\d)", replace, template)
    return None if missing else text


def _part(letter: str, key: str) -> str | None:
    user, at, domain = key.rpartition("@")
    if letter == "%":
        return "%"
    if letter in "sS":
        return key
    if letter in "uU":
        return user if at else key
    if letter in "dD":
        return domain if at else None
    labels = domain.split(".")[::-1] if at else []
    return labels[int(letter) - 1] if letter.isdigit() and int(letter) <= len(labels) else None


def _formatted(template: str, value: str, key: str) -> str:
    return template.replace("%s", value).replace("%u", value.rpartition("@")[0] or value)
