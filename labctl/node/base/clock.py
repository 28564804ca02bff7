"""The only clock of a node: real time plus an offset that the lab can move.

INPUT AND OUTPUT
    ``now()`` is lab time in epoch seconds.  ``monotonic()`` is for timeouts of a dialogue with
    somebody outside, whose clock does not move.  ``uptime()`` never goes back unless the lab
    moves its clock back; timers that mean lab time (queue runs, wake-ups) are set in it.

WHY A MAPPED FILE
    Queue lifetimes of days are tested in seconds: ``advance()`` writes one number, and all
    processes of the node see it at once, without a system call at each look.  A process that
    sleeps in an event loop is woken by SIGCONT, which does nothing to anybody else.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from typing import Final

OFFSET_FILE: Final = "/run/labctl/clock"
_FORMAT: Final = struct.Struct("=d")
_LOOK_AGAIN: Final = 1.0  # seconds between looks for a file that is not there


class Clock:
    """Real time plus the offset in a file; no file means no offset."""

    def __init__(self, path: str | os.PathLike[str] = OFFSET_FILE) -> None:
        self._path = os.fspath(path)
        self._map: mmap.mmap | None = None
        self._look_at = 0.0

    def offset(self) -> float:
        """Seconds by which the lab is ahead of the world."""
        if self._map is None and not self._find():
            return 0.0
        assert self._map is not None
        return float(_FORMAT.unpack_from(self._map)[0])

    def now(self) -> float:
        return time.time() + self.offset()

    def uptime(self) -> float:
        return time.monotonic() + self.offset()

    def advance(self, seconds: float) -> float:
        """Move the lab's time; returns the new offset."""
        self._look_at = 0.0
        value = self.offset() + seconds
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.pwrite(descriptor, _FORMAT.pack(value), 0)
            self._look_at = 0.0
        finally:
            os.close(descriptor)
        return value

    def _find(self) -> bool:
        if time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + _LOOK_AGAIN
        try:
            with open(self._path, "rb") as file:
                self._map = mmap.mmap(file.fileno(), _FORMAT.size, prot=mmap.PROT_READ)
        except (OSError, ValueError):  # ValueError: the file is still empty
            return False
        return True


_node = Clock()
now = _node.now
uptime = _node.uptime
offset = _node.offset
advance = _node.advance
monotonic = time.monotonic
