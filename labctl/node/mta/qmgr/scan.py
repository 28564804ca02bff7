"""Look through a queue for messages whose time has come, a few at a time.

WHY THE DIRECTORY AND NOT A LIST
    The time of the next attempt is the mtime of the file, so that it survives a crash and
    that postsuper, flush(8) and a person with touch(1) can change it.  A scan in progress is
    an iterator over the directory: a million deferred messages cost us one open directory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.mta.lib.queue.directory import (
    FORCE_EXPIRE,
    UNTHROTTLE,
    QueueDirectory,
    is_complete,
)

LOOK: Final = 100  # files whose time has not come, looked at in one go


class Found(NamedTuple):
    """A message that may become active."""

    queue: str
    queue_id: str
    flush: bool = False  # the message, or everything, is to be tried although it is not time
    expire: bool = False


class Scan:
    """All scans of one queue, one after the other."""

    def __init__(self, queues: QueueDirectory, queue: str) -> None:
        self._queues, self.queue = queues, queue
        self._entries: Iterator[os.DirEntry[str]] | None = None
        self._wanted = self._wanted_all = self._all = False

    @property
    def is_active(self) -> bool:
        return self._wanted or self._entries is not None

    def start(self, *, ignore_time: bool = False) -> None:
        """Look from the beginning; a scan that is under way is finished first."""
        self._wanted = True
        self._wanted_all |= ignore_time

    def next(self) -> Found | None:
        """The next message that may be tried, or None: at the end, or after a good look.

        ``is_active`` tells which.  Of a million files whose time has not come only some are
        looked at in one call, because meanwhile nothing else happens.
        """
        if self._entries is None:
            self._begin()
        for _ in range(LOOK):
            entry = next(self._entries, None) if self._entries is not None else None
            if entry is None:
                self._entries = None
                break
            if found := self._judge(entry):
                return found
        return None

    def _begin(self) -> None:
        if not self._wanted:
            return
        self._all, self._wanted_all, self._wanted = self._wanted_all, False, False
        self._entries = self._queues.scan(self.queue)

    def _judge(self, entry: os.DirEntry[str]) -> Found | None:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None  # postsuper was faster
        # Without the bit, cleanup is still writing; whatever is no file is not ours.
        if not stat.S_ISREG(status.st_mode) or not is_complete(status):
            return None
        flush = self._all or bool(status.st_mode & UNTHROTTLE)
        expire = bool(status.st_mode & FORCE_EXPIRE)
        if status.st_mtime > clock.now() + 1 and not flush:
            return None
        return Found(self.queue, entry.name, flush, expire)
