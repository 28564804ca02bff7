"""An open Maildir: any number of sessions, each following what the others do.

STATES
    A change of flags is a rename(2) and done at once; nothing waits to be saved.  What another
    session or a delivery did is taken up at ``ping``: new mail moves from new/ to cur/, and is
    recent for whoever moves it.

GHOSTS
    A message whose file is gone keeps its number until a ping that may renumber (RFC 3501
    7.4.1); until then it has no content.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from labctl.node.base import clock
from labctl.node.store import flags as flag
from labctl.node.store.from_line import Moment, ctime, local_zone, parse
from labctl.node.store.listener import Listener, MailboxError, NoSuchMailbox
from labctl.node.store.maildir import file_name, uid_list
from labctl.node.store.maildir.content import Content, wire_size
from labctl.node.store.maildir.file_name import flags_of, unique_of, with_flags
from labctl.node.store.maildir.new_file import unique_name, write_file
from labctl.node.store.maildir.uid_list import Known, UidList
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail
from labctl.node.store.removal import drop, tell_expunged

READONLY_IGNORES: Final = "Expunge ignored on readonly mailbox"
# Times of directories tick every few milliseconds: what is so new may change unseen.
TICK: Final = 20_000_000  # nanoseconds


class Maildir:
    """One session on one directory."""

    permanent = True
    shared = True
    format = "maildir"

    def __init__(
        self,
        path: str,
        name: str,
        listener: Listener,
        *,
        readonly: bool,
        appending: bool = False,
    ) -> None:
        self.path, self.name = path, name
        self.listener, self.readonly = listener, readonly
        # Only who has selected the mailbox takes new mail out of new/.
        self._moves = not readonly and not appending
        self.messages: list[Message] = []
        self.keywords: list[str] = []
        self._uids = UidList()
        self._names: dict[int, str] = {}  # UID -> name in cur/ (or new/, if we only read)
        self._content = Content()
        self._looked = (0, 0)
        self._sizes_learned = False
        self._take_up()

    @property
    def uid_validity(self) -> int:
        return self._uids.validity

    @property
    def uid_next(self) -> int:
        return self._uids.next_uid

    # ------------------------------------------------------------ following the directory

    def ping(self, *, renumber: bool = True) -> Maildir:
        if self._times() != self._looked:
            self._take_up()
        if renumber:
            self._drop_ghosts()
        return self

    def check(self) -> None:
        if not self.readonly:
            self.ping()
            self.listener.inform("Checkpoint completed")

    def close(self, *, expunge: bool = False) -> None:
        if expunge and not self.readonly:
            self._remove(_everything)
        if self._sizes_learned:
            self._keep_sizes()

    def abandon(self) -> None: ...

    def expunge(self, chosen: Callable[[Message], bool]) -> None:
        if self.readonly:
            self.listener.warn(READONLY_IGNORES)
            return
        self.ping()
        gone = self._remove(chosen)
        self._drop_ghosts()
        tell_expunged(gone, self.listener)

    def add(self, mails: Sequence[NewMail]) -> Sequence[int]:
        names: list[str] = []
        try:
            for mail in mails:
                names.append(self._write(mail))
        except OSError as error:
            for name in names:
                os.unlink(f"{self.path}/{name}")
            raise MailboxError(f"Message append failed: {error.strerror}") from error
        self._take_up()
        return [self._uids.known[unique_of(name[4:])].uid for name in names]

    # ------------------------------------------------------------ messages

    def gone(self, message: Message) -> bool:
        return not os.path.isfile(self._path_of(message)) and not self._found(message)

    def header(self, message: Message) -> bytes:
        return self._read(message)[0]

    def text(self, message: Message) -> bytes:
        return self._read(message)[1]

    def size(self, message: Message) -> int:
        if message.size < 0:
            message.size = wire_size(self._path_of(message))
            self._sizes_learned = True
        return message.size

    def date(self, message: Message) -> Moment:
        try:
            seconds = int(os.stat(self._path_of(message)).st_mtime)
        except OSError:
            seconds = int(clock.now())
        return Moment(seconds, local_zone(seconds))

    def sender_line(self, message: Message) -> bytes:
        moment = self.date(message)
        sender = self._content.sender(self.header(message))
        return f"From {sender} {ctime(moment.epoch)}\n".encode("utf-8", "surrogateescape")

    def keyword_bit(self, name: str, *, create: bool) -> int:
        index = flag.find_keyword(name, self.keywords)
        if index is None and create and not self.readonly:
            index = self._new_keyword(name)
        return 0 if index is None else 1 << index

    def set_flags(self, message: Message, flags: int, keywords: int) -> None:
        wanted = (flags & ~flag.RECENT) | (message.flags & flag.RECENT)
        changed, words = wanted ^ message.flags, keywords ^ message.keywords
        if not changed and not words:
            return
        if not self.readonly and self._times() != self._looked:
            # What we do not change stays as somebody else may have left it meanwhile.
            self._take_up()
        message.flags = (message.flags & ~changed) | (wanted & changed)
        message.keywords = (message.keywords & ~words) | (keywords & words)
        if not self.readonly:
            self._rename(message)

    # ------------------------------------------------------------ the directory

    def _times(self) -> tuple[int, int]:
        return (
            os.stat(f"{self.path}/new").st_mtime_ns,
            os.stat(f"{self.path}/cur").st_mtime_ns,
        )

    def _take_up(self) -> None:
        try:
            if self.readonly:
                self._look()
            else:
                with uid_list.locked(self.path):
                    self._look()
        except FileNotFoundError as error:
            raise NoSuchMailbox("no such mailbox") from error

    def _look(self) -> None:
        times = self._times()
        self._uids = uid_list.read(self.path)
        self.keywords[:] = uid_list.read_keywords(self.path)
        arrived = self._arrivals()
        names = {unique_of(name): f"cur/{name}" for name in os.listdir(f"{self.path}/cur")}
        if not self._moves:
            names |= {unique_of(name): f"new/{name}" for name in arrived}
        before = dict(self._uids.known)
        self._uids.take_up(list(names))
        if self._uids.known != before and not self.readonly:
            uid_list.write(self.path, self._uids)
        self._merge(names, {unique_of(name) for name in arrived})
        # Whoever changes the directory within this tick must be seen all the same.
        old = self._times() == times and max(times) < time.time_ns() - TICK
        self._looked = times if old else (0, 0)

    def _arrivals(self) -> list[str]:
        """What was delivered since somebody looked."""
        arrived = os.listdir(f"{self.path}/new")
        if self._moves:
            for name in arrived:
                target = name if file_name.INFO in name else name + file_name.INFO
                with suppress(FileNotFoundError):
                    os.rename(f"{self.path}/new/{name}", f"{self.path}/cur/{target}")
        return arrived

    def _merge(self, names: dict[str, str], arrived: set[str]) -> None:
        by_uid = {known.uid: unique for unique, known in self._uids.known.items()}
        count = len(self.messages)
        self._names = {uid: names[unique] for uid, unique in by_uid.items()}
        for number, message in enumerate(self.messages, 1):
            if by_uid.pop(message.uid, None) is not None:
                self._take_up_flags(number, message)
        for uid in sorted(by_uid):
            unique = by_uid[uid]
            flags, keywords = flags_of(names[unique])
            recent = flag.RECENT if unique in arrived else 0
            size = self._uids.known[unique].size
            self.messages.append(Message(uid, flags | recent, keywords, size=size))
        if len(self.messages) != count or count == 0:
            self.listener.exists(len(self.messages))

    def _take_up_flags(self, number: int, message: Message) -> None:
        if self.readonly:  # what is changed here stays here
            return
        flags, keywords = flags_of(self._names[message.uid])
        flags |= message.flags & flag.RECENT
        if (flags, keywords) != (message.flags, message.keywords):
            message.flags, message.keywords = flags, keywords
            self.listener.flags_changed(number)

    def _drop_ghosts(self) -> None:
        drop(self.messages, lambda message: message.uid not in self._names, self.listener)

    # ------------------------------------------------------------ files

    def _path_of(self, message: Message) -> str:
        return f"{self.path}/{self._names.get(message.uid, '')}"

    def _found(self, message: Message) -> bool:
        """Look whether it has a new name."""
        self._take_up()
        return message.uid in self._names

    def _read(self, message: Message) -> tuple[bytes, bytes]:
        found = self._content.of(message.uid, self._path_of(message))
        if found is None:  # another session gave it new flags, and so a new name
            self._take_up()
            found = self._content.of(message.uid, self._path_of(message))
        return found or (b"\r\n", b"")

    def _rename(self, message: Message) -> None:
        for _ in range(2):
            old = self._names.get(message.uid)
            if old is None:
                return
            new = "cur/" + with_flags(old[4:], message.flags, message.keywords)
            try:
                os.rename(f"{self.path}/{old}", f"{self.path}/{new}")
            except FileNotFoundError:
                wanted = message.flags, message.keywords
                self._take_up()
                message.flags, message.keywords = wanted
                continue
            self._names[message.uid] = new
            return

    def _remove(self, chosen: Callable[[Message], bool]) -> int:
        gone = [m for m in self.messages if m.flags & flag.DELETED and chosen(m)]
        for message in gone:
            with suppress(FileNotFoundError, IsADirectoryError):
                os.unlink(self._path_of(message))
            self._names.pop(message.uid, None)
        return len(gone)

    def _write(self, mail: NewMail) -> str:
        bits = sum(self.keyword_bit(word, create=True) for word in set(mail.keywords))
        moment = parse(mail.from_line)
        name = with_flags(unique_name(), mail.flags, bits)
        # What nobody has seen yet is recent for the session that finds it in new/.
        relative = f"cur/{name}" if mail.old else f"new/{name}"
        write_file(self.path, relative, mail.content, moment.epoch if moment else None)
        return relative

    def _new_keyword(self, name: str) -> int | None:
        with uid_list.locked(self.path):
            self.keywords[:] = uid_list.read_keywords(self.path)
            index = flag.find_keyword(name, self.keywords)
            if index is None and len(self.keywords) < file_name.KEYWORDS_AT_MOST:
                index = len(self.keywords)
                self.keywords.append(name)
                uid_list.write_keywords(self.path, self.keywords)
        return index

    def _keep_sizes(self) -> None:
        """The next session need not read every message to know its size."""
        sizes = {m.uid: m.size for m in self.messages if m.size >= 0}
        if self.readonly:
            return
        with suppress(OSError), uid_list.locked(self.path):
            uids = uid_list.read(self.path)
            for unique, known in uids.known.items():
                uids.known[unique] = Known(known.uid, sizes.get(known.uid, known.size))
            uid_list.write(self.path, uids)


def _everything(_message: Message) -> bool:
    return True
