"""Find the messages of an mbox, with their flags and unique identifiers.

INPUT AND OUTPUT
    ``scan(data, start, book)`` reads ``data[start:]`` and adds to the ``Book`` of the mailbox:
    messages with their offsets, UIDVALIDITY, the last UID, keywords.  What is odd in the
    file is told to the listener, and repaired when the mailbox is next written.

THE FILE
    From_ line, header, empty line, text, empty line.  Status, X-Status, X-Keywords and X-UID
    in a header belong to us and are hidden from clients.  The first message has X-IMAPbase
    as well; or it is itself not a message but the pseudo message, which has X-IMAP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final

from labctl.node.store import flags as flag
from labctl.node.store.from_line import FROM_LINE
from labctl.node.store.listener import Listener, MailboxLost
from labctl.node.store.message import Message

INTERNAL: Final = re.compile(
    rb"^(Status|X-Status|X-Keywords|X-UID|X-IMAPbase|X-IMAP):([^\n]*)\n(?:[ \t][^\n]*\n)*",
    re.MULTILINE | re.IGNORECASE,
)
# Status, X-Status and X-Keywords are filled up with blanks to this width, newline included.
WIDTH: Final = 51
_BASE: Final = re.compile(rb"\s*(\d+)\s+(\d+)(.*)", re.DOTALL)


@dataclass(slots=True)
class MboxMessage(Message):
    """A message and its place in the file, in octets from the start."""

    offset: int = 0  # of its From_ line
    head: int = 0  # of its header
    body: int = 0  # of its text
    end: int = 0  # of its text; an empty line may follow
    following: int = 0  # of the next message, or the end of the file


@dataclass(slots=True)
class Book:
    """What is known of an mbox file up to ``size``."""

    messages: list[MboxMessage] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    uid_validity: int = 0
    uid_last: int = 0
    size: int = 0
    pseudo: bool = False
    unsaved: bool = False  # flags differ: write when the mailbox is checked or closed
    unsaved_uids: bool = False  # identifiers differ: write at the next occasion


def scan(data: bytes | mmap, start: int, book: Book, listener: Listener) -> None:
    """Add the messages from ``start`` on; MailboxLost if there is something else."""
    size = len(data)
    begin = _skip_blank_lines(data, start) if start == 0 else start
    if begin < size and FROM_LINE.match(data, begin) is None:
        got = bytes(data[begin : begin + 20]).decode("latin-1").partition("\n")[0]
        raise MailboxLost(f"Unexpected changes to mailbox (try restarting): {got}")
    offset = begin
    while offset < size:
        following = _next_from_line(data, offset, size)
        _add(data, _extent(data, offset, following), book, listener)
        offset = following
    book.size = size


def _skip_blank_lines(data: bytes | mmap, start: int) -> int:
    while data[start : start + 1] in (b"\n", b"\r"):
        start += 1
    return start


def _next_from_line(data: bytes | mmap, offset: int, size: int) -> int:
    found = offset
    while (found := data.find(b"\nFrom ", found + 1)) >= 0:
        if FROM_LINE.match(data, found + 1):
            return found + 1
    return size


def _extent(data: bytes | mmap, offset: int, following: int) -> MboxMessage:
    head = data.find(b"\n", offset, following) + 1 or following
    body = _after_empty_line(data, head, following)
    end = following
    if end > body and data[end - 2 : end] == b"\n\n":
        end -= 1
    elif end > body and data[end - 3 : end] == b"\n\r\n":
        end = max(body, end - 2)
    elif end - body == 1 and data[body:end] == b"\n":
        end = body
    return MboxMessage(offset=offset, head=head, body=body, end=end, following=following)


def _after_empty_line(data: bytes | mmap, head: int, following: int) -> int:
    if data[head : head + 1] == b"\n":
        return head + 1
    plain = data.find(b"\n\n", head, following)
    stop = plain if plain >= 0 else following
    carriage = data.find(b"\n\r\n", head - 1, stop)
    if carriage >= 0:
        return carriage + 3
    return plain + 2 if plain >= 0 else following


def _add(data: bytes | mmap, message: MboxMessage, book: Book, listener: Listener) -> None:
    header = bytes(data[message.head : message.body])
    state = _Reading(book, message, listener, first=not book.messages and not book.pseudo)
    length = 0
    for match in INTERNAL.finditer(header):
        state.take(match[1], match[2].strip())
        length += match.end() - match.start()
    if state.is_pseudo:
        book.pseudo = True
        return
    message.flags |= state.flags | (0 if state.old else flag.RECENT)
    if not state.old:
        message.unsaved = book.unsaved = True
    if not message.uid:
        _assign_uid(message, book)
    if length != WIDTH + len(b"X-UID: %d\n" % message.uid):
        # Written by somebody else: our lines become as wide as always when we save anyway.
        message.unsaved = True
    book.messages.append(message)


def _assign_uid(message: MboxMessage, book: Book) -> None:
    book.uid_last += 1
    message.uid = book.uid_last
    message.unsaved = book.unsaved_uids = True


@dataclass(slots=True)
class _Reading:
    """The internal header lines of one message."""

    book: Book
    message: MboxMessage
    listener: Listener
    first: bool
    flags: int = 0
    old: bool = False
    is_pseudo: bool = False

    def take(self, name: bytes, value: bytes) -> None:
        read = _READERS.get(name)
        if read is None:
            # Only our own spelling counts: anybody may write the others into a mail.
            number = len(self.book.messages) + 1
            spelled = name.decode("latin-1")
            self.listener.warn(f"Discarding bogus {spelled} header in message {number}")
            self.message.unsaved = True
            return
        read(self, value)

    def letters(self, value: bytes) -> None:
        self.old = self.old or b"O" in value
        for bit, letter in ((flag.SEEN, b"R"), *flag.X_STATUS):
            if letter in value:
                self.flags |= bit

    def keywords(self, value: bytes) -> None:
        for word in value.decode("latin-1").split():
            index = flag.find_keyword(word, self.book.keywords)
            if index is not None:
                self.message.keywords |= 1 << index

    def base(self, value: bytes) -> None:
        match = _BASE.match(value)
        if not self.first or match is None:
            return
        book = self.book
        book.uid_validity, book.uid_last = int(match[1]), int(match[2])
        words = match[3].decode("latin-1").split()
        # A session may have keywords already that it has not saved yet.
        words += [word for word in book.keywords if word not in words]
        book.keywords[:] = words[: flag.KEYWORDS_AT_MOST]

    def pseudo(self, value: bytes) -> None:
        if self.first:
            self.base(value)
            self.is_pseudo = True

    def uid(self, value: bytes) -> None:
        book = self.book
        if not book.uid_validity or not value.isdigit():
            return
        number, uid = len(book.messages) + 1, int(value)
        previous = book.messages[-1].uid if book.messages else 0
        if uid <= previous:
            self.listener.warn(f"Message {number} UID {uid} less than {previous + 1}")
            book.uid_validity = 0
        elif uid > book.uid_last:
            self.listener.warn(f"Message {number} UID {uid} greater than last {book.uid_last}")
            book.uid_validity = 0
        else:
            self.message.uid = uid


_READERS: Final[Mapping[bytes, Callable[[_Reading, bytes], None]]] = {
    b"Status": _Reading.letters,
    b"X-Status": _Reading.letters,
    b"X-Keywords": _Reading.keywords,
    b"X-UID": _Reading.uid,
    b"X-IMAPbase": _Reading.base,
    b"X-IMAP": _Reading.pseudo,
}
