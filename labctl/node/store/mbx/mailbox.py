"""An open mbx file: any number of sessions, flags changed in place.

STATES
    Every change of flags is one write(2) of fixed length, done at once.  EXPUNGE marks messages
    as expunged; the file is made shorter by a session that is alone with it.

LOCKS
    A session holds flock(2) on ``/tmp/.DEVICE.INODE`` shared as long as it is open; whoever
    gets it exclusively is alone.  fcntl(2) on the file is held for one operation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Final, NamedTuple

from labctl.node.base import clock, locks
from labctl.node.store import flags as flag
from labctl.node.store.from_line import Moment, ctime, local_zone, parse, zone_seconds
from labctl.node.store.listener import Listener, MailboxError, MailboxLost
from labctl.node.store.locking import try_flock, unlock_fcntl
from labctl.node.store.mbox.pieces import Pieces
from labctl.node.store.mbox.write import append_or_nothing, write_pieces
from labctl.node.store.mbx.layout import (
    HEADER,
    STATE,
    Header,
    MbxMessage,
    header_bytes,
    moment_of,
    new_message,
    parse_header,
    parse_line,
    state_bytes,
)
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail
from labctl.node.store.removal import drop, tell_expunged
from labctl.node.store.session_lock import lock_path

READONLY_IGNORES: Final = "Expunge ignored on readonly mailbox"
PATIENCE: Final = 30.0  # seconds; nobody holds the file for longer than one operation
LONGEST_LINE: Final = 128


class Opened(NamedTuple):
    """The file of a mailbox; whoever has opened it hands it over."""

    path: str
    name: str
    fd: int


class Mbx:
    """One session on one file."""

    permanent = True
    shared = True
    format = "mbx"

    def __init__(
        self, opened: Opened, listener: Listener, *, readonly: bool, appending: bool = False
    ) -> None:
        self.path, self.name, self._fd = opened
        self.listener, self.readonly = listener, readonly
        self._ages = not readonly and not appending  # what was seen is not recent any more
        self._session = _join(self._fd)
        self.messages: list[MbxMessage] = []
        self.keywords: list[str] = []
        self._head = Header(0, 0, ())
        self._size = HEADER
        self._modified = 0
        self.ping()
        listener.exists(len(self.messages))

    @property
    def uid_validity(self) -> int:
        return self._head.validity

    @property
    def uid_next(self) -> int:
        return self._head.last_uid + 1

    # ------------------------------------------------------------ following the file

    def ping(self, *, renumber: bool = True) -> Mbx:
        if os.fstat(self._fd).st_mtime_ns != self._modified:
            with self._locked():
                self._take_up()
        if renumber:
            self._drop_expunged()
        return self

    def check(self) -> None:
        self.ping()
        self.listener.inform("Check completed")

    def close(self, *, expunge: bool = False) -> None:
        if expunge and not self.readonly:
            self._mark(lambda _message: True)
        self.abandon()

    def abandon(self) -> None:
        os.close(self._fd)
        if self._session >= 0:
            os.close(self._session)

    def expunge(self, chosen: Callable[[Message], bool]) -> None:
        if self.readonly:
            self.listener.warn(READONLY_IGNORES)
            return
        gone = self._mark(chosen)
        self._drop_expunged()
        tell_expunged(gone, self.listener)

    def add(self, mails: Sequence[NewMail]) -> Sequence[int]:
        with self._locked():
            self._take_up()
            first = self._head.last_uid + 1
            chunks = [self._chunk(mail, first + n) for n, mail in enumerate(mails)]
            try:
                append_or_nothing(self._fd, chunks)
            except OSError as error:
                raise MailboxError(f"Message append failed: {error.strerror}") from error
            self._head = self._head._replace(last_uid=first + len(mails) - 1)
            os.pwrite(self._fd, header_bytes(self._head), 0)
            self._take_up()
        return range(first, first + len(mails))

    # ------------------------------------------------------------ messages

    def gone(self, message: Message) -> bool:
        return _placed(message).gone

    def header(self, message: Message) -> bytes:
        return self._parts(message)[0]

    def text(self, message: Message) -> bytes:
        return self._parts(message)[1]

    def size(self, message: Message) -> int:
        return message.size

    def date(self, message: Message) -> Moment:
        now = int(clock.now())
        return moment_of(_placed(message).date) or Moment(now, local_zone(now))

    def sender_line(self, message: Message) -> bytes:
        moment = self.date(message)
        local = moment.epoch + zone_seconds(moment.zone)
        date = ctime(local - zone_seconds(local_zone(local)))
        return f"From MAILER-DAEMON {date} {moment.zone}\n".encode()

    def keyword_bit(self, name: str, *, create: bool) -> int:
        index = flag.find_keyword(name, self.keywords)
        if index is None and create and not self.readonly:
            index = self._new_keyword(name)
        return 0 if index is None else 1 << index

    def set_flags(self, message: Message, flags: int, keywords: int) -> None:
        wanted = (flags & ~flag.RECENT) | (message.flags & flag.RECENT)
        if (wanted, keywords) == (message.flags, message.keywords):
            return
        message.flags, message.keywords = wanted, keywords
        if not self.readonly:
            with self._locked():
                self._write_state(_placed(message))
                self._modified = os.fstat(self._fd).st_mtime_ns

    # ------------------------------------------------------------ the file

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            locks.lock_fcntl(self._fd, exclusive=not self.readonly, patience=PATIENCE)
        except locks.LockTimeout as error:
            raise MailboxLost(f"Unable to lock {self.path}, aborted") from error
        try:
            yield
        finally:
            unlock_fcntl(self._fd)

    def _take_up(self) -> None:
        """Read the header, the state of what is known, and what is new."""
        try:
            self._head = parse_header(os.pread(self._fd, HEADER, 0))
        except ValueError as error:
            raise MailboxLost(f"Unexpected changes to {self.path}, aborted") from error
        self.keywords[:] = self._head.keywords
        for number, message in enumerate(self.messages, 1):
            self._read_state(number, message)
        count, size = len(self.messages), os.fstat(self._fd).st_size
        while self._size < size:
            self._read_message(size)
        if count and len(self.messages) != count:
            self.listener.exists(len(self.messages))
        self._modified = os.fstat(self._fd).st_mtime_ns

    def _read_message(self, size: int) -> None:
        message = self._line_at(self._size)
        if message is None or message.end > size:
            raise MailboxLost(f"Unexpected changes to {self.path}, aborted")
        self._size = message.end
        if message.gone:
            return
        self.messages.append(message)
        if message.flags & flag.RECENT and self._ages:
            self._write_state(message)

    def _read_state(self, number: int, message: MbxMessage) -> None:
        now = self._line_at(message.line)
        if now is None or now.uid != message.uid:
            raise MailboxLost(f"Unexpected changes to {self.path}, aborted")
        message.gone = now.gone
        flags = (now.flags & ~flag.RECENT) | (message.flags & flag.RECENT)
        if not self.readonly and (flags, now.keywords) != (message.flags, message.keywords):
            message.flags, message.keywords = flags, now.keywords
            self.listener.flags_changed(number)

    def _line_at(self, offset: int) -> MbxMessage | None:
        found = parse_line(os.pread(self._fd, LONGEST_LINE, offset), 0)
        if found is not None:
            found.line, found.start, found.end = (
                offset,
                found.start + offset,
                found.end + offset,
            )
        return found

    def _write_state(self, message: MbxMessage) -> None:
        data = state_bytes(message, expunged=message.gone)
        os.pwrite(self._fd, data, message.start - STATE)

    def _mark(self, chosen: Callable[[Message], bool]) -> int:
        with self._locked():
            self._take_up()
            gone = [m for m in self.messages if m.flags & flag.DELETED and chosen(m)]
            for message in gone:
                message.gone = True
                self._write_state(message)
            if gone and self._is_alone():
                self._shorten()
            self._modified = os.fstat(self._fd).st_mtime_ns
        return len(gone)

    def _is_alone(self) -> bool:
        alone = self._session >= 0 and try_flock(self._session)
        if self._session >= 0:
            try_flock(self._session, shared=True)
        return alone

    def _shorten(self) -> None:
        """Leave out what is expunged; nobody else knows where anything is."""
        kept = [m for m in self.messages if not m.gone]
        with closing(Pieces()) as pieces:
            pieces.keep(0, HEADER)
            for message in kept:
                pieces.keep(message.line, message.end)
            self._size = write_pieces(self._fd, pieces, os.fstat(self._fd).st_size)
        at = HEADER
        for message in kept:
            shift = at - message.line
            message.line, message.start = at, message.start + shift
            at = message.end = message.end + shift

    def _drop_expunged(self) -> None:
        drop(self.messages, lambda message: message.gone, self.listener)

    def _parts(self, message: Message) -> tuple[bytes, bytes]:
        at = _placed(message)
        data = os.pread(self._fd, at.end - at.start, at.start)
        if data.startswith(b"\r\n"):
            return data[:2], data[2:]
        head, blank, text = data.partition(b"\r\n\r\n")
        return head + blank, text

    def _chunk(self, mail: NewMail, uid: int) -> bytes:
        content = mail.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        bits = sum(self.keyword_bit(word, create=False) for word in set(mail.keywords))
        now = int(clock.now())
        moment = parse(mail.from_line) or Moment(now, local_zone(now))
        return new_message(Message(uid, mail.flags, bits), moment, content, old=False)

    def _new_keyword(self, name: str) -> int | None:
        with self._locked():
            self._take_up()
            if len(self.keywords) >= flag.KEYWORDS_AT_MOST:
                return None
            self._head = self._head._replace(keywords=(*self.keywords, name))
            os.pwrite(self._fd, header_bytes(self._head), 0)
            self.keywords.append(name)
            self._modified = os.fstat(self._fd).st_mtime_ns
        return len(self.keywords) - 1


def create(path: str, mode: int) -> None:
    """An empty mailbox."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        os.write(fd, header_bytes(Header(int(clock.now()), 0, ())))
        os.fsync(fd)
    finally:
        os.close(fd)


def _join(fd: int) -> int:
    """Say that one more session is here; -1 where that cannot be said."""
    with suppress(OSError):
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        session = os.open(lock_path(os.fstat(fd)), flags, 0o666)
        if try_flock(session, shared=True):
            return session
        os.close(session)
    return -1


def _placed(message: Message) -> MbxMessage:
    """Messages come back to the mailbox that they are from."""
    assert isinstance(message, MbxMessage)
    return message
