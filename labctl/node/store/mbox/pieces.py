"""The new content of a file as pieces: what stays of the old one, and what is new.

WHY NOT A LIST OF BYTES
    Ten thousand new headers are seven megabytes, which a session would keep for its whole life:
    memory that was once taken is hardly ever given back.  New octets go to a temporary file,
    and a piece is two numbers.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from typing import Final

IN_MEMORY: Final = 1 << 20
CHUNK: Final = 1 << 20


class Pieces:
    """Added one after the other; neighbours become one."""

    def __init__(self) -> None:
        # Where a piece begins in the old file, or -1 minus its place among the new octets.
        self._starts: array[int] = array("q")
        self._lengths: array[int] = array("q")
        self._new = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._new_octets = 0
        self.total = 0

    def add(self, data: bytes) -> None:
        """Octets that the old file does not have."""
        self._append(-1 - self._new_octets, len(data))
        self._new.write(data)
        self._new_octets += len(data)

    def keep(self, start: int, end: int) -> None:
        """Octets of the old file."""
        if start < end:
            self._append(start, end - start)

    def close(self) -> None:
        self._new.close()

    def settled(self) -> int:
        """How many pieces at the front neither move nor overwrite what is still to be moved."""
        settled = position = 0
        for index, (start, length) in enumerate(zip(self._starts, self._lengths, strict=True)):
            if start >= 0:
                if start != position:
                    return settled
                settled = index + 1
            position += length
        return len(self._starts)

    def length(self, count: int) -> int:
        """Octets of the first pieces."""
        return sum(self._lengths[:count])

    def new_among(self, count: int) -> Iterator[tuple[int, bytes]]:
        """Position and octets of what is new among the first pieces."""
        position = 0
        for start, length in zip(self._starts[:count], self._lengths[:count], strict=True):
            if start < 0:
                yield position, self._made(start, length)
            position += length

    def content_from(self, first: int, fd: int) -> Iterator[bytes]:
        """The octets of all pieces from ``first`` on, in chunks; ``fd`` is the old file."""
        for start, length in zip(self._starts[first:], self._lengths[first:], strict=True):
            if start < 0:
                yield self._made(start, length)
                continue
            for at in range(start, start + length, CHUNK):
                yield os.pread(fd, min(CHUNK, start + length - at), at)

    def _append(self, start: int, length: int) -> None:
        self.total += length
        if self._starts:
            last, size = self._starts[-1], self._lengths[-1]
            same_kind = (last < 0) == (start < 0)
            end = last + size if last >= 0 else last - size
            if same_kind and end == start:
                self._lengths[-1] += length
                return
        self._starts.append(start)
        self._lengths.append(length)

    def _made(self, start: int, length: int) -> bytes:
        self._new.seek(-1 - start)
        return self._new.read(length)
