"""The mailbox of a reader: messages in order, with what has been done to each.

FORMAT
    mbox: a message begins at a line "From " after an empty line.  What the reader remembers
    between sessions stands in the Status header: O seen in a listing, R read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Message:
    """One message and its marks."""

    data: bytes
    is_read: bool = False
    is_old: bool = False
    is_deleted: bool = False
    is_saved: bool = False
    is_held: bool = False
    is_touched: bool = False  # shown or answered in this session

    @property
    def lines(self) -> int:
        """How many lines, as listings count them."""
        return self.data.count(b"\n")

    @property
    def envelope(self) -> tuple[str, str]:
        """Sender and date of the From_ line."""
        first = self.data.partition(b"\n")[0].decode("utf-8", "replace")
        words = first.split(None, 2)
        return words[1] if len(words) > 1 else "", words[2] if len(words) > 2 else ""

    def header(self, name: str) -> str:
        """The value of the first such header, unfolded."""
        pattern = re.compile(
            rb"^" + re.escape(name.encode()) + rb":[ \t]*(.*(?:\n[ \t].*)*)", re.I | re.M
        )
        match = pattern.search(self.data.partition(b"\n\n")[0])
        text = match.group(1).decode("utf-8", "replace") if match else ""
        return " ".join(text.split("\n"))

    @property
    def mark(self) -> str:
        """The letter in front of a listing."""
        if self.is_saved:
            return "*"
        if self.is_held:
            return "P"
        if self.is_read:
            return " "
        return "U" if self.is_old else "N"


def parse(data: bytes) -> list[Message]:
    """The messages of an mbox."""
    return [_message(piece) for piece in _pieces(data)]


def with_status(message: Message) -> bytes:
    """The message as it is written back: it is not new any more."""
    status = b"RO" if message.is_read else b"O"
    head, separator, body = message.data.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.lower().startswith(b"status:")]
    return b"\n".join([*lines, b"Status: " + status]) + separator + body


def _pieces(data: bytes) -> Iterator[bytes]:
    starts = [match.start() for match in BEGIN.finditer(data)]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        yield data[start:end]


def _message(data: bytes) -> Message:
    message = Message(data)
    status = message.header("Status")
    message.is_read = "R" in status
    message.is_old = "O" in status
    return message


BEGIN: Final = re.compile(rb"(?:\A|(?<=\n\n))From ")
