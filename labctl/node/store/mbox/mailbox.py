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
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.store import flags as flag
from labctl.node.store.file_lock import locked
from labctl.node.store.from_line import Moment, local_zone, parse
from labctl.node.store.listener import Listener, MailboxLost, Nobody
from labctl.node.store.mbox.index import Index
from labctl.node.store.mbox.layout import external_header
from labctl.node.store.mbox.rewrite import Original, Rewriting
from labctl.node.store.mbox.scan import Book, MboxMessage, scan
from labctl.node.store.mbox.stored import as_stored
from labctl.node.store.mbox.write import append_or_nothing, missing_newlines, write_pieces
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail
from labctl.node.store.session_lock import SessionLock

READONLY_IGNORES: Final = "Expunge ignored on readonly mailbox"


class Opened(NamedTuple):
    """The file of a mailbox; whoever has opened it hands it over."""

    path: str
    name: str  # as the user calls it
    fd: int
    lock: SessionLock | None
    indexes: str = ""  # where an index of it may be kept


class Mbox:
    """One session on one file; ``open_mbox`` makes it."""

    permanent = True
    shared = False
    format = "unix"

    def __init__(
        self,
        opened: Opened,
        listener: Listener,
        host: str,
        *,
        readonly: bool,
        appending: bool = False,
    ) -> None:
        self.path, self.name, self._fd, self._lock, indexes = opened
        self._index = Index(indexes, self._fd)
        self.listener, self.host = listener, host
        self.readonly = readonly
        self.appending = appending  # opened to add mail: what is recent stays so
        self.book = Book()

    @property
    def messages(self) -> list[MboxMessage]:
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
            self._keep_index()
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

    def add(self, mails: Sequence[NewMail]) -> list[int]:
        with self._parsed():
            return self._append(mails)

    # ------------------------------------------------------------ messages

    def gone(self, message: Message) -> bool:
        return False  # who has the session lock is alone

    def header(self, message: Message) -> bytes:
        at = _placed(message)
        raw = os.pread(self._fd, at.body - at.head, at.head)
        return external_header(raw).replace(b"\n", b"\r\n")

    def text(self, message: Message) -> bytes:
        at = _placed(message)
        raw = os.pread(self._fd, at.end - at.body, at.body)
        return raw.replace(b"\r", b"").replace(b"\n", b"\r\n")

    def size(self, message: Message) -> int:
        if message.size < 0:
            self._index.outdated()
            message.size = len(self.header(message)) + len(self.text(message))
        return message.size

    def date(self, message: Message) -> Moment:
        moment = parse(self.sender_line(message))
        if moment is None:  # the file was changed behind our back
            return Moment(int(clock.now()), local_zone(clock.now()))
        return moment

    def sender_line(self, message: Message) -> bytes:
        at = _placed(message)
        return os.pread(self._fd, at.head - at.offset, at.offset)

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
            self._index.settled()

    def _scan(self, size: int) -> None:
        known = len(self.messages)
        if size:
            with mmap.mmap(self._fd, size, prot=mmap.PROT_READ) as data:
                self._read(data, self.book)
        self._give_validity(self.book)
        if len(self.messages) != known or known == 0:
            self.listener.exists(len(self.messages))

    def _read(self, data: mmap.mmap, book: Book) -> None:
        """Read what the book does not know yet."""
        if not book.size:
            self._index.restore(data, book)
        if book.size < len(data):
            self._index.outdated()
            scan(data, book.size, book, self.listener)

    def _keep_index(self) -> None:
        if not self.readonly:
            self._index.keep(self.book)

    def _append(self, mails: Sequence[NewMail]) -> list[int]:
        first = self.book.uid_last + 1
        uids = list(range(first, first + len(mails)))
        chunks = [
            as_stored(mail, uid, self.keywords) for mail, uid in zip(mails, uids, strict=True)
        ]
        append_or_nothing(self._fd, [missing_newlines(self._fd), *chunks])
        self.book.uid_last = uids[-1]
        self.book.unsaved_uids = True
        self._index.outdated()
        return uids

    def _give_validity(self, book: Book) -> None:
        if not book.uid_validity:
            book.uid_validity = int(clock.now())
            book.unsaved_uids = True
            self.listener.inform("Assigning new unique identifiers to all messages")

    def _rewrite(self, gone: Callable[[MboxMessage], bool]) -> int:
        """Save everything but the messages that go; returns how many went."""
        kept = [message for message in self.messages if not gone(message)]
        original = Original(self._fd, self.book, self.host, self.appending)
        plan = Rewriting(original, kept)
        old_size = os.fstat(self._fd).st_size
        if old_size != self.book.size:
            raise MailboxLost("Mailbox changed while it was locked, aborted")
        with contextlib.closing(plan.pieces):
            self.book.size = write_pieces(self._fd, plan.pieces, old_size)
        self._index.outdated()
        removed = self._tell_removed(gone)
        plan.apply()
        self.book.messages[:] = kept
        self.book.pseudo = plan.pseudo
        self.book.unsaved = self.book.unsaved_uids = False
        if removed:
            self.listener.exists(len(kept))
        return removed

    def _tell_removed(self, gone: Callable[[MboxMessage], bool]) -> int:
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


class _OnlyWarnings(Nobody):
    """While a mailbox is closed its messages are nobody's concern any more."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def warn(self, text: str) -> None:
        self._listener.warn(text)


def _placed(message: Message) -> MboxMessage:
    """Messages come back to the mailbox that they are from."""
    assert isinstance(message, MboxMessage)
    return message


def _nothing(_message: Message) -> bool:
    return False


def _everything(_message: Message) -> bool:
    return True
