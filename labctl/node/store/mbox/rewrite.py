"""The new content of an open mbox: which bytes stay where they are, which are written anew.

INPUT AND OUTPUT
    ``Rewriting(original, kept)`` reads the file and changes nothing; ``pieces`` is for
    ``write``; when they are on the disk, ``apply`` tells the messages their places.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from labctl.node.base import clock
from labctl.node.store import flags as flag
from labctl.node.store.mbox.layout import (
    Base,
    external_header,
    pseudo_message,
    status_lines,
    with_status,
)
from labctl.node.store.mbox.pieces import Pieces
from labctl.node.store.mbox.scan import Book, MboxMessage


class Original(NamedTuple):
    """The mailbox as it is."""

    fd: int
    book: Book
    host: str  # for the sender of the pseudo message
    appending: bool  # what is recent stays so


class Rewriting:
    """The new file as pieces, and where each message will be."""

    def __init__(self, original: Original, kept: Sequence[MboxMessage]) -> None:
        book = original.book
        self._original, self._kept = original, kept
        self.pieces = Pieces()
        self._places: array[int] = array("q")  # five numbers for each message that stays
        self._position = 0
        base = Base(book.uid_validity, book.uid_last, book.keywords)
        self.pseudo = book.pseudo or not kept
        if self.pseudo:
            self._add(pseudo_message(base, original.host, clock.now()))
        for index, message in enumerate(kept):
            first = index == 0 and not self.pseudo
            self._add_message(message, base if first else None)

    def apply(self) -> None:
        """The file is as we want it."""
        for index, message in enumerate(self._kept):
            place = self._places[5 * index : 5 * index + 5]
            message.offset, message.head, message.body, message.end, message.following = place
            message.unsaved = self._original.appending and bool(message.flags & flag.RECENT)

    def _add_message(self, message: MboxMessage, base: Base | None) -> None:
        if message.unsaved or base is not None or message.following == message.end:
            self._add_anew(message, base)
            return
        shift = self._position - message.offset
        self._keep(message.offset, message.end + 1)
        self._place(
            message.offset + shift,
            message.head + shift,
            message.body + shift,
            message.end + shift,
        )

    def _add_anew(self, message: MboxMessage, base: Base | None) -> None:
        fd, book = self._original.fd, self._original.book
        old = not (self._original.appending and message.flags & flag.RECENT)
        status = status_lines(message, book.keywords, base=base, old=old)
        raw = os.pread(fd, message.body - message.head, message.head)
        header = with_status(external_header(raw), status)
        sender_line = os.pread(fd, message.head - message.offset, message.offset)
        from_line = sender_line.replace(b"\r", b"").rstrip(b"\n") + b"\n"
        offset = self._position
        self._add(from_line + header)
        body = self._position
        self._add_text(message)
        end = self._position
        if message.following == message.end + 1:
            self._keep(message.end, message.following)
        else:
            self._add(b"\n")
        self._place(offset, offset + len(from_line), body, end)

    def _place(self, offset: int, head: int, body: int, end: int) -> None:
        self._places.extend((offset, head, body, end, self._position))

    def _add_text(self, message: MboxMessage) -> None:
        text = os.pread(self._original.fd, message.end - message.body, message.body)
        if b"\r" in text or (text and not text.endswith(b"\n")):
            clean = text.replace(b"\r", b"")
            self._add(clean if clean.endswith(b"\n") or not clean else clean + b"\n")
        else:
            self._keep(message.body, message.end)

    def _add(self, data: bytes) -> None:
        self.pieces.add(data)
        self._position += len(data)

    def _keep(self, start: int, end: int) -> None:
        self.pieces.keep(start, end)
        self._position += end - start
