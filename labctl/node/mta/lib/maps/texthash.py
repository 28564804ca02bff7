"""texthash:file: the source text itself, read when the table is opened; no postmap needed."""

from __future__ import annotations

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.memory import MemoryTable
from labctl.node.mta.lib.maps.source import map_entries
from labctl.node.mta.lib.maps.table import Request

IGNORED = " -- ignoring this line"


def open_table(request: Request) -> MemoryTable:
    """Read the whole file; of two entries for one key the first wins."""
    entries: dict[str, str] = {}
    warnings: list[str] = []
    try:
        with open(request.name, encoding="utf-8", errors="surrogateescape") as lines:
            for entry in map_entries(lines):
                key = entry.key.lower() if request.fold else entry.key
                complaint = entry.complaint
                if not complaint and key in entries:
                    complaint = f'duplicate entry: "{entry.key}"'
                if complaint:
                    ignored = "" if entry.value or complaint.endswith(IGNORED) else IGNORED
                    warnings.append(f"{request.name}, line {entry.line}: {complaint}{ignored}")
                if entry.value:
                    entries.setdefault(key, entry.value)
    except OSError as error:
        raise Fatal(f"open database {request.name}: {error.strerror}") from error
    return MemoryTable(entries, fold=request.fold, warnings=tuple(warnings))
