"""hash:, btree:, lmdb:, cdb: FILE, looked up in the FILE.db that postmap(1) made of it.

THE FILE
    Our own format, the same for all of these types: a magic line, the number of entries,
    one offset for each, in the order of the keys, and the entries (lengths, key, value).
    A lookup is a binary search in a memory map, so that the processes of a mail system share
    one copy of a table however large it is.

NOT HERE
    Berkeley DB and LMDB bytes: a .db of Postfix itself is refused, and has to be made again.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base import files
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.table import MapError, Request

MAGIC: Final = b"labctl table 1\n\0"
COUNT: Final = struct.Struct("<I")
LENGTHS: Final = struct.Struct("<II")
SUFFIXES: Final[Mapping[str, str]] = {"lmdb": ".lmdb", "cdb": ".cdb"}
DAMAGED: Final[Mapping[str, str]] = {
    "cdb": "dict_cdbq_open: unable to init {}: Protocol error",
    "lmdb": "open database {}: MDB_INVALID: File is not an LMDB file",
}
# The source may be saved and indexed within the same minute without anybody being late.
GRACE: Final = 100


class IndexedTable:
    """A table in a file with an index."""

    whole_keys_only = False

    def __init__(
        self, data: mmap.mmap | bytes, *, fold: bool = True, warnings: Sequence[str] = ()
    ) -> None:
        self._data = data
        self._fold = fold
        self.warnings = warnings
        self.count: int = COUNT.unpack_from(data, len(MAGIC))[0]

    def lookup(self, key: str) -> str | None:
        """Return the value for the key, or None."""
        wanted = encode(key.lower() if self._fold else key)
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            found, value = self._entry(middle)
            if found == wanted:
                return decode(value)
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return None

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield the entries in the order of their keys."""
        for index in range(self.count):
            key, value = self._entry(index)
            yield decode(key), decode(value)

    def _entry(self, index: int) -> tuple[bytes, bytes]:
        try:
            place = COUNT.unpack_from(self._data, len(MAGIC) + 4 * (index + 1))[0]
            key_length, value_length = LENGTHS.unpack_from(self._data, place)
        except struct.error as error:
            raise MapError("the file is damaged; run postmap(1) again") from error
        start = place + LENGTHS.size
        middle = start + key_length
        return self._data[start:middle], self._data[middle : middle + value_length]


def open_table(request: Request) -> IndexedTable:
    """Open the .db file; say so when the source is newer."""
    path = database_path(request.type, request.name)
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            data = (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if status.st_size else b""
            )
    except OSError as error:
        raise Fatal(f"open database {path}: {error.strerror}") from error
    if not _is_whole(data):
        complaint = DAMAGED.get(request.type, "open database {}: Invalid argument")
        raise Fatal(complaint.format(path))
    warnings = _staleness(path, request.name, status.st_mtime)
    return IndexedTable(data, fold=request.fold, warnings=warnings)


def _is_whole(data: mmap.mmap | bytes) -> bool:
    """Whether the file is one of ours, and ends where its last entry does."""
    head = len(MAGIC) + COUNT.size
    if len(data) < head or data[: len(MAGIC)] != MAGIC:
        return False
    count: int = COUNT.unpack_from(data, len(MAGIC))[0]
    if count == 0:
        return True
    try:
        place = COUNT.unpack_from(data, head + COUNT.size * (count - 1))[0]
        key, value = LENGTHS.unpack_from(data, place)
    except struct.error:
        return False
    return bool(place + LENGTHS.size + key + value == len(data))


def database_path(kind: str, name: str) -> str:
    """Name the file that postmap(1) makes of a source file."""
    return name + SUFFIXES.get(kind, ".db")


def write(path: str, entries: Mapping[str, str], *, mode: int, owner: tuple[int, int]) -> None:
    """Write a table so that readers see all of the old one or all of the new one."""
    files.write_atomically(path, pack(entries), mode=mode, owner=owner)


def pack(entries: Mapping[str, str]) -> bytes:
    """Lay a table out in the form of the file."""
    rows = sorted((encode(key), encode(value)) for key, value in entries.items())
    place = len(MAGIC) + 4 * (len(rows) + 1)
    offsets, body = [], []
    for key, value in rows:
        offsets.append(place)
        body += [LENGTHS.pack(len(key), len(value)), key, value]
        place += LENGTHS.size + len(key) + len(value)
    head = struct.pack(f"<{len(rows) + 1}I", len(rows), *offsets)
    return b"".join([MAGIC, head, *body])


def encode(text: str) -> bytes:
    """Keys and values are UTF-8; what is not stays the bytes that it was."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    """The other way round."""
    return data.decode("utf-8", "surrogateescape")


def _staleness(path: str, source: str, made: float) -> tuple[str, ...]:
    try:
        changed = os.stat(source).st_mtime
    except OSError:
        return ()  # a table may outlive its source
    if made < changed < time.time() - GRACE:
        return (f"database {path} is older than source file {source}",)
    return ()
