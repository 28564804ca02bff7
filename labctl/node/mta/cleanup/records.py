"""Records as they arrive over a socket: one by one, or whole blocks of body text.

WHY BLOCKS
    Most records are lines of bodies that nobody looks at.  They stand in the queue file
    exactly as they come, so that only their lengths have to be read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labctl.node.mta.lib.queue import queue_file

RECEIVE_SIZE: Final = 65536
CR: Final = 13


class Records:
    """An iterator over (kind, data); the last record is E.  EOFError: the client hung up."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._data = b""
        self._position = 0
        self._ended = False

    def __iter__(self) -> Records:
        return self

    def __next__(self) -> tuple[int, bytes]:
        if self._ended:
            raise StopIteration
        while (found := next_record(self._data, self._position)) is None:
            self._more()
        kind, start, self._position = found
        self._ended = kind == queue_file.END
        return kind, self._data[start : self._position]

    def text_block(self, *, replace_stray: bool = False) -> bytes:
        """All content records that are there, encoded; empty when something else comes."""
        data, position = self._data, self._position
        end, in_lengths = len(data), 0  # octets 13 that are no carriage returns
        while position + 2 <= end and data[position] in TEXT:
            length = data[position + 1]
            if length < 128 and position + 2 + length <= end:
                in_lengths += length == CR
                position += 2 + length
            elif found := next_record(data, position):
                in_lengths += data.count(CR, position, found[1])
                position = found[2]
            else:
                break
        if position == self._position and (position + 2 > end or data[position] in TEXT):
            self._more()
            return self.text_block(replace_stray=replace_stray)
        block = data[self._position : position]
        self._position = position
        if replace_stray and block.count(CR) != in_lengths:
            return without_stray(block)
        return block

    def _more(self) -> None:
        piece = self._receive(RECEIVE_SIZE)
        if not piece:
            raise EOFError("the client went away in the middle of a message")
        self._data = self._data[self._position :] + piece
        self._position = 0


def without_stray(block: bytes) -> bytes:
    """postconf(5) cleanup_replace_stray_cr_lf: a space in place of each carriage return."""
    parts, position = [], 0
    while found := next_record(block, position):
        start, end = found[1], found[2]
        parts += [block[position:start], block[start:end].replace(b"\r", b" ")]
        position = end
    return b"".join(parts)


def next_record(data: bytes, position: int) -> tuple[int, int, int] | None:
    """(kind, begin of the data, end) of the record at ``position``; None: not all there."""
    available = len(data)
    if position + 2 > available:
        return None
    kind, length, shift = data[position], data[position + 1], 7
    start = position + 2
    more = length > 127
    length &= 127
    while more:
        if start >= available:
            return None
        length |= (data[start] & 127) << shift
        more = data[start] > 127
        start += 1
        shift += 7
    end = start + length
    return (kind, start, end) if end <= available else None


TEXT: Final = frozenset((queue_file.NORMAL, queue_file.LONG))
