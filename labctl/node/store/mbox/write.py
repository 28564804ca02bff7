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

import itertools
import os
import tempfile
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

_IN_MEMORY: Final = 1 << 20
_CHUNK: Final = 1 << 20


class Kept(NamedTuple):
    """Bytes of the old file."""

    start: int
    end: int


Piece: TypeAlias = bytes | Kept


def write_pieces(fd: int, pieces: Sequence[Piece], old_size: int) -> int:
    """Make the file consist of these pieces; returns its new size."""
    lengths = [_length(piece) for piece in pieces]
    positions = [0, *itertools.accumulate(lengths)]
    total = positions.pop()
    settled = _settled(pieces, positions)
    tail = pieces[settled:]
    at = positions[settled] if settled < len(pieces) else total
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        for piece in tail:
            _copy_out(fd, piece, spool)
        spool.seek(0)
        if total > old_size:
            # No space left must be known before anything is overwritten.
            os.posix_fallocate(fd, old_size, total - old_size)
        for piece, position in zip(pieces[:settled], positions, strict=False):
            if isinstance(piece, bytes):
                _write_all(fd, piece, position)
        _copy_in(fd, spool, at)
    if total < old_size:
        os.ftruncate(fd, total)
    os.fsync(fd)
    return total


def _settled(pieces: Sequence[Piece], positions: Sequence[int]) -> int:
    """How many pieces at the front neither move nor overwrite what is still to be moved."""
    settled = 0
    for index, (piece, position) in enumerate(zip(pieces, positions, strict=True)):
        if isinstance(piece, Kept):
            if piece.start != position:
                return settled
            settled = index + 1
    return len(pieces)


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.end - piece.start


def _copy_out(fd: int, piece: Piece, spool: tempfile.SpooledTemporaryFile[bytes]) -> None:
    if isinstance(piece, bytes):
        spool.write(piece)
        return
    for start in range(piece.start, piece.end, _CHUNK):
        spool.write(os.pread(fd, min(_CHUNK, piece.end - start), start))


def _copy_in(fd: int, spool: tempfile.SpooledTemporaryFile[bytes], at: int) -> None:
    while chunk := spool.read(_CHUNK):
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
