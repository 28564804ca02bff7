"""Bring the changes of an open mbox into its file, and nothing else.

WHY NOT RENAME
    A spool directory is not ours to write to, and whoever has opened the file to deliver into
    it would lose the mail: so the same file is changed in place, under its locks.

WHAT A CRASH LEAVES
    A change of flags overwrites lines of equal length with one write(2).  When lengths change
    the new tail is complete in a temporary file, and the file long enough, before the first
    byte is overwritten; only a loss of power during the copy can tear the mailbox.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

from labctl.node.store.mbox.pieces import CHUNK, IN_MEMORY, Pieces


def write_pieces(fd: int, pieces: Pieces, old_size: int) -> int:
    """Make the file consist of these pieces; returns its new size."""
    settled, total = pieces.settled(), pieces.total
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        for chunk in pieces.content_from(settled, fd):
            spool.write(chunk)
        spool.seek(0)
        if total > old_size:
            # No space left must be known before anything is overwritten.
            os.posix_fallocate(fd, old_size, total - old_size)
        for position, data in pieces.new_among(settled):
            _write_all(fd, data, position)
        _copy_in(fd, spool, pieces.length(settled))
    if total < old_size:
        os.ftruncate(fd, total)
    os.fsync(fd)
    return total


def _copy_in(fd: int, spool: tempfile.SpooledTemporaryFile[bytes], at: int) -> None:
    while chunk := spool.read(CHUNK):
        _write_all(fd, chunk, at)
        at += len(chunk)


def _write_all(fd: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written


def append_or_nothing(fd: int, chunks: Sequence[bytes]) -> None:
    """Add to the end of the file; what cannot be added whole is taken back."""
    size = os.fstat(fd).st_size
    try:
        at = size
        for chunk in chunks:
            _write_all(fd, chunk, at)
            at += len(chunk)
        # From here on the mailbox has the message.
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, size)
        raise


def missing_newlines(fd: int) -> bytes:
    """What must come before the next From_ line so that an empty line stands there."""
    size = os.fstat(fd).st_size
    tail = os.pread(fd, 2, max(0, size - 2))
    if size == 0 or tail == b"\n\n":
        return b""
    return b"\n" if tail.endswith(b"\n") else b"\n\n"
