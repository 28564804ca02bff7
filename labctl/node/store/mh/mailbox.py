"""An open mh folder: files with numbers for names; flags last as long as the session.

STATES
    The number of a file is its UID, which another mh program may give anew: UIDNOTSTICKY
    (RFC 3501 7.1 has no better word).  EXPUNGE removes files at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from labctl.node.base import clock
from labctl.node.base.files import write_all
from labctl.node.store import flags as flag
from labctl.node.store.from_line import Moment, ctime, local_zone
from labctl.node.store.listener import Listener, MailboxError
from labctl.node.store.maildir.content import Content, split, wire_size
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail
from labctl.node.store.removal import drop, tell_expunged


class Mh:
    """One session on one directory."""

    permanent = False
    shared = False
    format = "mh"

    def __init__(self, path: str, name: str, listener: Listener, *, readonly: bool) -> None:
        self.path, self.name = path, name
        self.listener, self.readonly = listener, readonly
        self.messages: list[Message] = []
        self.keywords: list[str] = []
        self.uid_validity = int(clock.now())
        self._content = Content()
        self.ping()
        if not self.messages:
            listener.exists(0)

    @property
    def uid_next(self) -> int:
        return self.messages[-1].uid + 1 if self.messages else 1

    def ping(self, *, renumber: bool = True) -> Mh:
        numbers = sorted(int(name) for name in os.listdir(self.path) if name.isdecimal())
        there, known = set(numbers), {message.uid for message in self.messages}
        if renumber:
            drop(self.messages, lambda message: message.uid not in there, self.listener)
        new = [number for number in numbers if number >= self.uid_next and number not in known]
        self.messages += [Message(number) for number in new]
        if new:
            self.listener.exists(len(self.messages))
        return self

    def check(self) -> None:
        self.ping()

    def expunge(self, chosen: Callable[[Message], bool]) -> None:
        gone = [m for m in self.messages if m.flags & flag.DELETED and chosen(m)]
        for message in gone:
            with suppress(FileNotFoundError):
                os.unlink(self._path_of(message))
        drop(self.messages, lambda message: message in gone, self.listener)
        tell_expunged(len(gone), self.listener)

    def close(self, *, expunge: bool = False) -> None:
        if expunge and not self.readonly:
            self.expunge(lambda _message: True)

    def abandon(self) -> None: ...

    def add(self, mails: Sequence[NewMail]) -> Sequence[int]:
        uids = []
        for mail in mails:
            number = self.uid_next
            try:
                self._write(number, mail.content.replace(b"\r\n", b"\n"))
            except OSError as error:
                raise MailboxError(f"Message append failed: {error.strerror}") from error
            self.messages.append(Message(number))
            uids.append(number)
        return uids

    def gone(self, message: Message) -> bool:
        return not os.path.exists(self._path_of(message))

    def header(self, message: Message) -> bytes:
        return self._parts(message)[0]

    def text(self, message: Message) -> bytes:
        return self._parts(message)[1]

    def size(self, message: Message) -> int:
        if message.size < 0:
            message.size = wire_size(self._path_of(message))
        return message.size

    def date(self, message: Message) -> Moment:
        try:
            seconds = int(os.stat(self._path_of(message)).st_mtime)
        except OSError:
            seconds = int(clock.now())
        return Moment(seconds, local_zone(seconds))

    def sender_line(self, message: Message) -> bytes:
        return f"From MAILER-DAEMON {ctime(self.date(message).epoch)}\n".encode()

    def keyword_bit(self, name: str, *, create: bool) -> int:
        return 0

    def set_flags(self, message: Message, flags: int, keywords: int) -> None:
        message.flags = flags & ~flag.RECENT

    def _path_of(self, message: Message) -> str:
        return f"{self.path}/{message.uid}"

    def _parts(self, message: Message) -> tuple[bytes, bytes]:
        return self._content.of(message.uid, self._path_of(message)) or split(b"")

    def _write(self, number: int, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        fd = os.open(f"{self.path}/{number}", flags, 0o600)
        try:
            write_all(fd, content)
            os.fsync(fd)
        finally:
            os.close(fd)
