"""A mailbox without messages: an empty file, or an INBOX that is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.store.from_line import Moment
from labctl.node.store.listener import Listener
from labctl.node.store.mailbox import Mailbox
from labctl.node.store.message import Message
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail

# c-client looks no more often than this whether something has come.
LOOK_EVERY: Final = 60.0


class EmptyMailbox:
    """Becomes an ``Mbox`` at the ping that finds mail in the file."""

    permanent = False
    shared = False
    format = "unix"
    readonly = False
    uid_next = 1

    def __init__(
        self, place: Place, listener: Listener, reopen: Callable[[], Mailbox], every: float
    ) -> None:
        self.name, self.path = place.name, place.path
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
        raise LookupError

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
        return 0

    def set_flags(self, message: Message, flags: int, keywords: int) -> None: ...


def _has_content(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False
