"""A table that notices when its file was made anew: a daemon outlives many a postmap(1).

WHY AT EVERY LOOKUP
    stat(2) costs a microsecond, and a student who has run postmap expects the next message to
    obey. Postfix restarts its programs instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.table import Table


class WatchedTable:
    """Forwards to the table, and opens it again when the file is another one."""

    def __init__(self, path: str, reopen: Callable[[], Table]) -> None:
        self._path, self._reopen = path, reopen
        self._seen = _fingerprint(path)
        self._table = reopen()
        self.whole_keys_only = self._table.whole_keys_only
        self.warnings = self._table.warnings

    def lookup(self, key: str) -> str | None:
        """Ask the newest table."""
        return self._current().lookup(key)

    def items(self) -> Iterator[tuple[str, str]]:
        """List the newest table."""
        return self._current().items()

    def _current(self) -> Table:
        seen = _fingerprint(self._path)
        if seen != self._seen and seen is not None:
            try:
                self._table = self._reopen()
            except Fatal:
                return self._table  # half saved, or unreadable: what we know is better
            self._seen = seen
        return self._table


def _fingerprint(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None  # a table that was removed stays as it was
    return status.st_mtime_ns, status.st_ino, status.st_size
