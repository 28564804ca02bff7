"""A mailbox without messages: an empty file, or an INBOX that is not there yet.

IN MODE ``shared``
    The first message that a session adds brings the UIDVALIDITY into the file that the
    session was told: a client that mirrors its mail up counts on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.store.file_lock import locked
from labctl.node.store.from_line import Moment
from labctl.node.store.listener import Listener
from labctl.node.store.mailbox import Mailbox
from labctl.node.store.mbox.layout import Base
from labctl.node.store.mbox.stored import as_stored
from labctl.node.store.mbox.write import append_or_nothing
from labctl.node.store.message import Message
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail

# c-client looks no more often than this whether something has come.
LOOK_EVERY: Final = 60.0


class EmptyMailbox:
    """Becomes an ``Mbox`` at the ping that finds mail in the file."""

    permanent = False
    format = "unix"
    readonly = False
    uid_next = 1

    def __init__(
        self, place: Place, listener: Listener, reopen: Callable[[], Mailbox], every: float
    ) -> None:
        self.name, self.path = place.name, place.path
        self.shared = not every
        self._listener = listener
        self.uid_validity = int(clock.now())
        self.messages: list[Message] = []
        self.keywords: list[str] = []
        self._reopen = reopen
        self._every = every
        self._look_at = clock.monotonic() + every
        listener.exists(0)

    def ping(self, *, renumber: bool = True) -> Mailbox:
        if clock.monotonic() < self._look_at:
            return self
        self._look_at = clock.monotonic() + self._every
        if not _has_content(self.path):
            return self
        return self._reopen()

    def check(self) -> None: ...

    def add(self, mails: Sequence[NewMail]) -> Sequence[int]:
        fd = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            with locked(self.path, fd, self._listener):
                if not os.fstat(fd).st_size:
                    return self._begin(fd, mails)
        finally:
            os.close(fd)
        return self._add_to_others(mails)

    def _begin(self, fd: int, mails: Sequence[NewMail]) -> Sequence[int]:
        base = Base(self.uid_validity, len(mails), self.keywords)
        first, *more = mails
        chunks = [as_stored(first, 1, self.keywords, base)]
        chunks += [as_stored(mail, uid, self.keywords) for uid, mail in enumerate(more, 2)]
        append_or_nothing(fd, chunks)
        return range(1, len(mails) + 1)

    def _add_to_others(self, mails: Sequence[NewMail]) -> Sequence[int]:
        """Mail has come before ours."""
        mailbox = self._reopen()
        try:
            for word in self.keywords:
                mailbox.keyword_bit(word, create=True)
            uids = mailbox.add(mails)
            self.uid_validity = mailbox.uid_validity
        finally:
            mailbox.abandon()
        return uids

    def expunge(self, chosen: Callable[[Message], bool]) -> None: ...

    def close(self, *, expunge: bool = False) -> None: ...

    def abandon(self) -> None: ...

    def gone(self, message: Message) -> bool:
        return False

    def header(self, message: Message) -> bytes:
        raise LookupError

    def text(self, message: Message) -> bytes:
        raise LookupError

    def size(self, message: Message) -> int:
        raise LookupError

    def date(self, message: Message) -> Moment:
        raise LookupError

    def sender_line(self, message: Message) -> bytes:
        raise LookupError

    def keyword_bit(self, name: str, *, create: bool) -> int:
        if create and name not in self.keywords:
            self.keywords.append(name)
        return 1 << self.keywords.index(name) if create else 0

    def set_flags(self, message: Message, flags: int, keywords: int) -> None: ...


def _has_content(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False
