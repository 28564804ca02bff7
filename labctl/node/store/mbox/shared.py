"""An mbox that several sessions have open and change at once (mode ``shared``).

STATES
    Nobody owns the mailbox.  Whoever looks at the file locks it, compares its mtime and size
    with what he saw last, and takes up what the others have written; whoever changes
    something writes it before he unlocks.  Messages are told apart by their UIDs.

WHY WE SET THE MTIME
    The clock of a file system ticks every few milliseconds, and a change of flags leaves the
    size as it was: two changes within one tick would look like one.  So each change of ours
    moves mtime forward, and looking leaves it alone.

GHOSTS
    A message that another session has removed keeps its number until a command comes that
    may renumber (RFC 3501 7.4.1); until then it has no content.

MERGING
    Flags are merged bit by bit: what we changed since we last looked wins, everything else is
    as the file says.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import time
from collections.abc import Callable, Iterator, Sequence

from labctl.node.store import flags as flag
from labctl.node.store.file_lock import locked, steady
from labctl.node.store.listener import Listener
from labctl.node.store.mbox.mailbox import Mbox, Opened
from labctl.node.store.mbox.scan import Book, MboxMessage
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail
from labctl.node.store.removal import drop

GHOST = -1


class SharedMbox(Mbox):
    """One of several sessions on one file."""

    shared = True

    def __init__(
        self,
        opened: Opened,
        listener: Listener,
        host: str,
        *,
        readonly: bool,
        appending: bool = False,
    ) -> None:
        super().__init__(opened, listener, host, readonly=readonly, appending=appending)
        self._seen = (0, 0)  # mtime and size when we last looked
        self._base: dict[int, tuple[int, int]] = {}  # UID -> flags, keywords of the file then

    def ping(self, *, renumber: bool = True) -> SharedMbox:
        pending = not self.readonly and self._anything_unsaved()
        if pending or self._is_stale():
            with self._parsed():
                if not self.readonly and self._anything_unsaved():
                    self._rewrite(_nothing)
        if renumber:
            self._drop_ghosts()
        return self

    def expunge(self, chosen: Callable[[Message], bool]) -> None:
        with self._parsed():
            self._drop_ghosts()
        super().expunge(chosen)
        self._drop_ghosts()

    def add(self, mails: Sequence[NewMail]) -> list[int]:
        with self._parsed():
            uids = self._append(mails)
            # The last UID is written under the same lock: a session that meets a higher one
            # does not believe the file, and gives all messages new identifiers.
            self._scan(os.fstat(self._fd).st_size)
            self._rewrite(_nothing)
        return uids

    def header(self, message: Message) -> bytes:
        return self._steadily(message, super().header) or b"\r\n"

    def text(self, message: Message) -> bytes:
        return self._steadily(message, super().text)

    def sender_line(self, message: Message) -> bytes:
        return self._steadily(message, super().sender_line)

    def gone(self, message: Message) -> bool:
        self._refresh()
        return _is_ghost(message)

    def _steadily(self, message: Message, read: Callable[[Message], bytes]) -> bytes:
        """Read where the message is now; what is gone has no content."""
        while True:
            with steady(self.path, self._fd):
                if not self._is_stale():
                    return b"" if _is_ghost(message) else read(message)
            self._refresh()

    # ------------------------------------------------------------ following the others

    def _refresh(self) -> None:
        if self._is_stale():
            with self._parsed():
                pass

    def _is_stale(self) -> bool:
        return self._look() != self._seen

    def _look(self) -> tuple[int, int]:
        status = os.fstat(self._fd)
        return status.st_mtime_ns, status.st_size

    @contextlib.contextmanager
    def _parsed(self, *, shared: bool = False) -> Iterator[None]:
        with locked(self.path, self._fd, self.listener, shared=self.readonly):
            if self._is_stale():
                self._take_up(os.fstat(self._fd).st_size)
            yield
            self._settle_times()
            self._index.settled()
            self._remember()

    def _take_up(self, size: int) -> None:
        """Read the whole file anew and merge it with what this session knows."""
        fresh = Book(keywords=list(self.book.keywords))
        if size:
            with mmap.mmap(self._fd, size, prot=mmap.PROT_READ) as data:
                self._read(data, fresh)
        book, known = self.book, len(self.book.messages)
        self._give_validity(fresh)
        by_uid = {message.uid: message for message in fresh.messages}
        for number, message in enumerate(book.messages, 1):
            self._merge(number, message, by_uid.pop(message.uid, None), fresh)
        book.messages += by_uid.values()
        book.keywords[:] = fresh.keywords
        book.uid_validity = fresh.uid_validity
        book.uid_last = max(book.uid_last, fresh.uid_last)
        book.pseudo, book.size = fresh.pseudo, fresh.size
        book.unsaved = book.unsaved or fresh.unsaved
        book.unsaved_uids = book.unsaved_uids or fresh.unsaved_uids
        if len(book.messages) != known or known == 0:
            self.listener.exists(len(book.messages))

    def _merge(
        self,
        number: int,
        ours: MboxMessage,
        theirs: MboxMessage | None,
        fresh: Book,
    ) -> None:
        if theirs is None:
            ours.offset = GHOST
            return
        names = fresh.keywords
        base_flags, base_keywords = self._base.get(ours.uid, (theirs.flags, theirs.keywords))
        moved = _renamed(ours.keywords, self.book.keywords, names)
        base_moved = _renamed(base_keywords, self.book.keywords, names)
        their_keywords = _renamed(theirs.keywords, fresh.keywords, names)
        flags = _merged(base_flags, ours.flags, theirs.flags) & ~flag.RECENT
        keywords = _merged(base_moved, moved, their_keywords)
        if (flags, keywords) != (ours.flags & ~flag.RECENT, moved):
            self.listener.flags_changed(number)
        ours.unsaved = theirs.unsaved or (flags, keywords) != (
            theirs.flags & ~flag.RECENT,
            their_keywords,
        )
        ours.flags, ours.keywords = flags | (ours.flags & flag.RECENT), keywords
        ours.offset, ours.head, ours.body = theirs.offset, theirs.head, theirs.body
        ours.end, ours.following = theirs.end, theirs.following

    def _remember(self) -> None:
        look = self._look()
        # What we appended ourselves we have not read yet.
        self._seen = look if look[1] == self.book.size else (0, 0)
        for message in self.messages:
            # A change that is not in the file yet keeps the base that it was made on.
            if not message.unsaved or message.uid not in self._base:
                self._base[message.uid] = message.flags, message.keywords

    # ------------------------------------------------------------ ghosts

    def _drop_ghosts(self) -> None:
        drop(self.book.messages, _is_ghost, self.listener)

    def _keep_index(self) -> None:
        if all(message.offset != GHOST for message in self.messages):
            super()._keep_index()

    def _rewrite(self, gone: Callable[[MboxMessage], bool]) -> int:
        ghosts = [(index, m) for index, m in enumerate(self.messages) if m.offset == GHOST]
        self.book.messages[:] = [m for m in self.messages if m.offset != GHOST]
        before = os.fstat(self._fd).st_mtime_ns
        removed = super()._rewrite(gone)
        self._move_mtime_beyond(before)
        for index, ghost in ghosts:
            self.book.messages.insert(index, ghost)
        return removed

    # ------------------------------------------------------------ times

    def _move_mtime_beyond(self, before: int) -> None:
        status = os.fstat(self._fd)
        if status.st_mtime_ns <= before:
            self._set_times(status.st_atime_ns, before + 1)

    def _settle_times(self) -> None:
        if not self.readonly:
            self._set_times(time.time_ns(), os.fstat(self._fd).st_mtime_ns)

    def _set_times(self, accessed: int, modified: int) -> None:
        # Only the owner may; in a file of somebody else the ticks must do.
        with contextlib.suppress(PermissionError):
            os.utime(self._fd, ns=(accessed, modified))


def _is_ghost(message: Message) -> bool:
    return isinstance(message, MboxMessage) and message.offset == GHOST


def _merged(base: int, ours: int, theirs: int) -> int:
    changed = base ^ ours
    return (theirs & ~changed) | (ours & changed)


def _renamed(keywords: int, old: list[str], new: list[str]) -> int:
    """The same keywords in another list."""
    return sum(
        1 << new.index(name) for name in flag.keyword_names(keywords, old) if name in new
    )


def _nothing(_message: MboxMessage) -> bool:
    return False
