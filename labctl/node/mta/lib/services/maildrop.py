"""The way into the queue for users: a file in maildrop, which pickup(8) finds.

INPUT AND OUTPUT
    ``DropStream`` takes the records that ``CleanupStream`` takes; ``finish()`` completes the
    file, ``close()`` before that takes everything back; ``wake_pickup()`` is the bell.

WHY MODE 0744
    maildrop can be written by everybody and listed by nobody but mail_owner; pickup(8), which
    is not root, must be able to read a file whose owner is the sender.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Final

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.queue.record_stream import RecordStream
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.cleanup import (
    CleanupResult,
    CleanupUnavailable,
    Flags,
    Stat,
)

READY: Final = 0o744
PIECE: Final = 65536


class DropStream(RecordStream):
    """One message on its way into maildrop/."""

    def __init__(self, config: Config, flags: Flags = Flags.NONE) -> None:
        """Make the file, which has no name that pickup would look at twice.

        Raises CleanupUnavailable.  What ``flags`` ask of cleanup is pickup's to decide.
        """
        self.config = config
        self._queue = QueueDirectory(config)
        try:
            self._file = self._queue.create("maildrop")
        except OSError as error:
            reason = os.strerror(error.errno or errno.EIO)
            raise CleanupUnavailable(f"create file maildrop: {reason}") from error
        self.queue_id = self._file.queue_id
        self._parts: list[bytes] = []
        self._waiting = 0
        self._left = config.number("message_size_limit") or None
        self._failure = CleanupResult(Stat.OK)
        self._is_complete = False

    def raw(self, encoded: bytes) -> None:
        """Write; what exceeds message_size_limit is forgotten."""
        if self._left is not None:
            self._left -= len(encoded)
            if self._left < 0:
                self._failure = CleanupResult(Stat.SIZE, os.strerror(errno.EFBIG))
        if self._failure.ok:
            self._guarded(self._write, encoded)

    def flush(self) -> None:
        """Nobody waits for records of a file."""

    def finish(self, extracted: bytes = b"") -> CleanupResult:
        """X and E, and the bit that says so: from here on pickup has the message."""
        self.record(queue_file.EXTRACTED)
        self.raw(extracted)
        self.record(queue_file.END)
        if self._failure.ok:
            self._guarded(self._complete)
        self.close()
        return self._failure

    def close(self) -> None:
        """Before ``finish()``: the message never was."""
        os.close(self._file.fd)
        if not self._is_complete:
            self._queue.remove("maildrop", self.queue_id)

    def _guarded(self, step: Callable[..., None], *arguments: bytes) -> None:
        try:
            step(*arguments)
        except OSError as error:
            reason = os.strerror(error.errno or errno.EIO)
            self._failure = CleanupResult(Stat.WRITE, reason)

    def _write(self, encoded: bytes) -> None:
        self._parts.append(encoded)
        self._waiting += len(encoded)
        if self._waiting >= PIECE:
            self._send()

    def _send(self) -> None:
        left = memoryview(b"".join(self._parts))
        self._parts.clear()
        self._waiting = 0
        while left:
            left = left[os.write(self._file.fd, left) :]

    def _complete(self) -> None:
        self._send()
        # From here on the message is there: pickup looks for this bit.
        os.fchmod(self._file.fd, READY)
        os.fsync(self._file.fd)
        self._is_complete = True


def wake_pickup(config: Config) -> str:
    """Say that there is mail; returns what to warn of when nobody can hear it."""
    service = config.text("pickup_service_name")
    if not os.path.exists(ipc.service_path(config, "public", service)):
        return f"unable to look up public/{service}: No such file or directory"
    ipc.trigger(config, "public", service, b"W")
    return ""
