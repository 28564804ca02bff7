"""An open mbox file: parse what is new, save what has changed.

STATES
    ``book`` is the truth of the session, the file that of the disk.  ``book.unsaved`` says
    that flags differ (saved by CHECK and at the end), ``book.unsaved_uids`` that identifiers
    were given (saved at the next ping, lest a crash give them twice).

LOCKS
    A writing session owns the session lock from open to close.  The file itself is locked for
    each parse and save only, so that mail is delivered while somebody reads.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.store import flags as flag
from labctl.node.store.file_lock import locked
from labctl.node.store.from_line import Moment, local_zone, parse
from labctl.node.store.listener import Listener, MailboxLost, Nobody
from labctl.node.store.mbox_layout import (
    Base,
    external_header,
    pseudo_message,
    status_lines,
    with_status,
)
from labctl.node.store.mbox_scan import Book, Message, scan
from labctl.node.store.mbox_write import (
    Kept,
    Piece,
    append_or_nothing,
    missing_newlines,
    write_pieces,
)
from labctl.node.store.session_lock import SessionLock

READONLY_IGNORES: Final = "Expunge ignored on readonly mailbox"


class Mbox:
    """One session on one file; ``open_mbox`` makes it."""

    permanent = True
    shared = False

    def __init__(
        self,
        path: str,
        name: str,
        fd: int,
        listener: Listener,
        lock: SessionLock | None,
        *,
        host: str,
        readonly: bool,
        appending: bool = False,
    ) -> None:
        self.path, self.name, self.host = path, name, host
        self.listener = listener
        self.appending = appending  # opened to add mail: what is recent stays so
        self.book = Book()
        self._fd, self._lock = fd, lock
        self.readonly = readonly
        self._seen = (0, 0)  # ctime and size when we last looked; only of use to sharers
        self._base: dict[int, tuple[int, int]] = {}

    @property
    def messages(self) -> list[Message]:
        return self.book.messages

    @property
    def keywords(self) -> list[str]:
        return self.book.keywords

    @property
    def uid_validity(self) -> int:
        return self.book.uid_validity

    @property
    def uid_next(self) -> int:
        return self.book.uid_last + 1

    # ------------------------------------------------------------ following the file

    def ping(self, *, renumber: bool = True) -> Mbox:
        if self.readonly or (not self.book.unsaved_uids and not self._grown()):
            return self
        with self._parsed():
            if self.book.unsaved_uids:
                self._rewrite(_nothing)
        return self

    def check(self) -> None:
        if self.readonly:
            return
        with self._parsed():
            if self._anything_unsaved():
                self._rewrite(_nothing)
                self.listener.inform("Checkpoint completed")

    def expunge(self, chosen: Callable[[Message], bool]) -> None:
        if self.readonly:
            self.listener.warn(READONLY_IGNORES)
            return
        with self._parsed():
            deleted = any(message.flags & flag.DELETED for message in self.messages)
            if not deleted and not self._anything_unsaved():
                self.listener.inform("No messages deleted, so no update needed")
                return
            gone = self._rewrite(lambda m: bool(m.flags & flag.DELETED) and chosen(m))
        self.listener.inform(
            f"Expunged {gone} messages"
            if gone
            else "Mailbox checkpointed, but no messages expunged"
        )

    def close(self, *, expunge: bool = False) -> None:
        self.listener = _OnlyWarnings(self.listener)
        try:
            if not self.readonly:
                if expunge:
                    self.expunge(_everything)
                elif self._anything_unsaved():
                    self.check()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go without saving."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def parse(self) -> None:
        """Read what is in the file beyond what we know."""
        with self._parsed(shared=True):
            pass

    def append(self, chunks: Sequence[Callable[[int], bytes]]) -> list[int]:
        """Add messages, each made for its UID; all of them or none."""
        with self._parsed():
            first = self.book.uid_last + 1
            uids = list(range(first, first + len(chunks)))
            made = [make(uid) for make, uid in zip(chunks, uids, strict=True)]
            append_or_nothing(self._fd, [missing_newlines(self._fd), *made])
            self.book.uid_last = uids[-1]
            self.book.unsaved_uids = True
        return uids

    # ------------------------------------------------------------ messages

    def header(self, message: Message) -> bytes:
        raw = os.pread(self._fd, message.body - message.head, message.head)
        return external_header(raw).replace(b"\n", b"\r\n")

    def text(self, message: Message) -> bytes:
        raw = os.pread(self._fd, message.end - message.body, message.body)
        return raw.replace(b"\r", b"").replace(b"\n", b"\r\n")

    def size(self, message: Message) -> int:
        if message.size < 0:
            message.size = len(self.header(message)) + len(self.text(message))
        return message.size

    def date(self, message: Message) -> Moment:
        moment = parse(self.sender_line(message))
        if moment is None:  # the file was changed behind our back
            return Moment(int(clock.now()), local_zone(clock.now()))
        return moment

    def sender_line(self, message: Message) -> bytes:
        return os.pread(self._fd, message.head - message.offset, message.offset)

    def keyword_bit(self, name: str, *, create: bool) -> int:
        index = flag.find_keyword(name, self.keywords)
        if index is None:
            if not create or len(self.keywords) >= flag.KEYWORDS_AT_MOST:
                return 0
            index = len(self.keywords)
            self.keywords.append(name)
        return 1 << index

    def set_flags(self, message: Message, flags: int, keywords: int) -> None:
        wanted = (flags & ~flag.RECENT) | (message.flags & flag.RECENT)
        if (wanted, keywords) != (message.flags, message.keywords):
            message.flags, message.keywords = wanted, keywords
            message.unsaved = self.book.unsaved = True

    # ------------------------------------------------------------ the file

    def _grown(self) -> bool:
        return os.fstat(self._fd).st_size != self.book.size

    def _anything_unsaved(self) -> bool:
        return self.book.unsaved or self.book.unsaved_uids

    @contextlib.contextmanager
    def _parsed(self, *, shared: bool = False) -> Iterator[None]:
        """The file locked, and everything in it known."""
        with locked(self.path, self._fd, self.listener, shared=shared):
            size = os.fstat(self._fd).st_size
            if size < self.book.size:
                known = self.book.size
                raise MailboxLost(f"Mailbox shrank from {known} to {size} bytes, aborted")
            if size > self.book.size or not self.book.uid_validity:
                self._scan(size)
            yield
            self._settle_times()

    def _scan(self, size: int) -> None:
        known = len(self.messages)
        if size:
            with mmap.mmap(self._fd, size, prot=mmap.PROT_READ) as data:
                scan(data, self.book.size, self.book, self.listener)
        self._give_validity(self.book)
        if len(self.messages) != known or known == 0:
            self.listener.exists(len(self.messages))

    def _give_validity(self, book: Book) -> None:
        if not book.uid_validity:
            book.uid_validity = int(clock.now())
            book.unsaved_uids = True
            self.listener.inform("Assigning new unique identifiers to all messages")

    def _rewrite(self, gone: Callable[[Message], bool]) -> int:
        """Save everything but the messages that go; returns how many went."""
        kept = [message for message in self.messages if not gone(message)]
        plan = _Plan(self, kept)
        old_size = os.fstat(self._fd).st_size
        if old_size != self.book.size:
            raise MailboxLost("Mailbox changed while it was locked, aborted")
        self.book.size = write_pieces(self._fd, plan.pieces, old_size)
        removed = self._tell_removed(gone)
        plan.apply()
        self.book.messages[:] = kept
        self.book.pseudo = plan.pseudo
        self.book.unsaved = self.book.unsaved_uids = False
        if removed:
            self.listener.exists(len(kept))
        return removed

    def _tell_removed(self, gone: Callable[[Message], bool]) -> int:
        removed = 0
        for number, message in enumerate(self.messages, 1):
            if gone(message):
                self.listener.expunged(number - removed)
                removed += 1
        return removed

    def _settle_times(self) -> None:
        """A shell tells "new mail" from "read" by comparing these two times."""
        status, now = os.fstat(self._fd), time.time()
        recent = any(message.flags & flag.RECENT for message in self.messages)
        if self.readonly and recent:
            if status.st_atime < status.st_mtime:
                return
            modified = min(status.st_mtime, now)
            times = (modified - 1, modified - 1)
        else:
            times = (now, status.st_mtime if now > status.st_mtime else now - 1)
        with contextlib.suppress(OSError):
            os.utime(self._fd, times)


class _Plan:
    """The new file as pieces, and where each message will be."""

    def __init__(self, mailbox: Mbox, kept: list[Message]) -> None:
        book = mailbox.book
        self._mailbox, self._kept = mailbox, kept
        self.pieces: list[Piece] = []
        self._places: list[tuple[int, int, int, int, int]] = []
        self._position = 0
        base = Base(book.uid_validity, book.uid_last, book.keywords)
        self.pseudo = book.pseudo or not kept
        if self.pseudo:
            self._add(pseudo_message(base, mailbox.host, clock.now()))
        for index, message in enumerate(kept):
            first = index == 0 and not self.pseudo
            self._add_message(message, base if first else None)

    def apply(self) -> None:
        for message, place in zip(self._kept, self._places, strict=True):
            message.offset, message.head, message.body, message.end, message.following = place
            message.unsaved = self._mailbox.appending and bool(message.flags & flag.RECENT)

    def _add_message(self, message: Message, base: Base | None) -> None:
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

    def _add_anew(self, message: Message, base: Base | None) -> None:
        fd, book = self._mailbox._fd, self._mailbox.book
        old = not (self._mailbox.appending and message.flags & flag.RECENT)
        status = status_lines(message, book.keywords, base=base, old=old)
        raw = os.pread(fd, message.body - message.head, message.head)
        header = with_status(external_header(raw), status)
        from_line = self._mailbox.sender_line(message).replace(b"\r", b"").rstrip(b"\n") + b"\n"
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
        self._places.append((offset, head, body, end, self._position))

    def _add_text(self, message: Message) -> None:
        text = os.pread(self._mailbox._fd, message.end - message.body, message.body)
        if b"\r" in text or (text and not text.endswith(b"\n")):
            clean = text.replace(b"\r", b"")
            self._add(clean if clean.endswith(b"\n") or not clean else clean + b"\n")
        else:
            self._keep(message.body, message.end)

    def _add(self, data: bytes) -> None:
        if self.pieces and isinstance(last := self.pieces[-1], bytes):
            self.pieces[-1] = last + data
        else:
            self.pieces.append(data)
        self._position += len(data)

    def _keep(self, start: int, end: int) -> None:
        if start == end:
            return
        if self.pieces and isinstance(last := self.pieces[-1], Kept) and last.end == start:
            self.pieces[-1] = Kept(last.start, end)
        else:
            self.pieces.append(Kept(start, end))
        self._position += end - start


class _OnlyWarnings(Nobody):
    """While a mailbox is closed its messages are nobody's concern any more."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def warn(self, text: str) -> None:
        self._listener.warn(text)


def _nothing(_message: Message) -> bool:
    return False


def _everything(_message: Message) -> bool:
    return True
