"""The queue directory: where a queue id lives, how a new one comes to be, how it moves.

STATES
    A message is one file, in exactly one of incoming, active, deferred, hold, corrupt; it
    only moves by rename(2).  maildrop holds what local users dropped.  bounce, defer and
    trace hold logs under the same id.  A file counts only when its owner may execute it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config

MESSAGE_QUEUES: Final = ("maildrop", "incoming", "active", "deferred", "hold")
LOG_QUEUES: Final = ("bounce", "defer", "trace")

INCOMPLETE: Final = 0o600
COMPLETE: Final = 0o700  # the owner-execute bit: all of it is there
UNTHROTTLE: Final = 0o040  # group-read: a flush was asked for
FORCE_EXPIRE: Final = 0o010  # group-execute: postsuper -e

# Long ids leave out the vowels, so that no id is ever a word, and "z", which separates.
BASE_52: Final = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
BASE_51: Final = BASE_52[:-1]


class NewFile(NamedTuple):
    """A queue file that is being written."""

    queue_id: str
    fd: int
    path: str


class QueueDirectory:
    """The tree below queue_directory."""

    def __init__(self, config: Config) -> None:
        self.root = config.text("queue_directory")
        self._hashed = frozenset(config.words("hash_queue_names"))
        self._depth = config.number("hash_queue_depth")
        self._long_ids = config.flag("enable_long_queue_ids")

    def path(self, queue: str, queue_id: str) -> str:
        """Where the id lives in this queue, whether or not it is there."""
        if queue not in self._hashed:
            return f"{self.root}/{queue}/{queue_id}"
        return f"{self.root}/{queue}/{'/'.join(self._hash(queue_id))}/{queue_id}"

    def create(self, queue: str) -> NewFile:
        """A new file under a new id, open for writing, not complete."""
        while True:
            now = clock.now()
            temporary = f"{self.root}/{queue}/{int(now % 1 * 1_000_000)}.{os.getpid()}"
            try:
                fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, INCOMPLETE)
            except FileExistsError:
                continue
            queue_id = make_id(now, os.fstat(fd).st_ino, long=self._long_ids)
            path = self.path(queue, queue_id)
            # The inode is part of the id, and it is ours: nobody else can have this name.
            _rename(temporary, path)
            return NewFile(queue_id, fd, path)

    def rename(self, queue_id: str, source: str, target: str) -> None:
        """Move a message to another queue; hash directories are made as needed."""
        _rename(self.path(source, queue_id), self.path(target, queue_id))

    def remove(self, queue: str, queue_id: str) -> bool:
        """Whether there was a file to remove."""
        try:
            os.unlink(self.path(queue, queue_id))
        except FileNotFoundError:
            return False
        return True

    def find(self, queue_id: str, queues: tuple[str, ...] = MESSAGE_QUEUES) -> str | None:
        """The first of the queues that has the id."""
        if not is_id(queue_id):
            return None
        for queue in queues:
            if os.path.lexists(self.path(queue, queue_id)):
                return queue
        return None

    def scan(self, queue: str) -> Iterator[os.DirEntry[str]]:
        """All files of a queue with a queue id for a name, in no order, one by one."""
        yield from _walk(f"{self.root}/{queue}")

    def _hash(self, queue_id: str) -> Iterator[str]:
        key = _hash_key(queue_id)
        for level in range(self._depth):
            yield key[level] if level < len(key) else "_"


def make_id(when: float, inode: int, *, long: bool) -> str:
    """postconf(5) enable_long_queue_ids: short ids may come again, long ones never do."""
    microseconds = int(when % 1 * 1_000_000)
    if not long:
        return f"{microseconds:05X}{inode:X}"
    seconds = _digits(int(when), BASE_52).rjust(6, "0")
    return f"{seconds}{_digits(microseconds, BASE_52).rjust(4, '0')}z{_digits(inode, BASE_51)}"


def is_id(name: str) -> bool:
    """Only ASCII letters and digits; anything else never comes near a path."""
    return name.isascii() and name.isalnum() and len(name) <= 100


def is_complete(status: os.stat_result) -> bool:
    """Whether the writer finished: from then on we are responsible for the message."""
    return bool(status.st_mode & 0o100)


def _hash_key(queue_id: str) -> str:
    head, separator, _ = queue_id.rpartition("z")
    if not separator or len(head) < 10:
        return queue_id
    # Of a long id the microseconds, in the form of a short one: the front hardly changes.
    number = 0
    for digit in head[-4:]:
        number = number * 52 + max(BASE_52.find(digit), 0)
    return f"{number:05X}"


def _digits(number: int, alphabet: str) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, len(alphabet))
        digits = alphabet[rest] + digits
    return digits


def _rename(source: str, target: str) -> None:
    try:
        os.rename(source, target)
    except FileNotFoundError:
        if not os.path.lexists(source):
            raise
        _make_hash_directory(os.path.dirname(target))
        os.rename(source, target)


def _make_hash_directory(path: str) -> None:
    """With the owner of the queue: postsuper(1) runs as root, the daemons do not."""
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        _make_hash_directory(parent)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, mode=0o700)
        if os.geteuid() == 0:
            owner = os.stat(parent)
            os.chown(path, owner.st_uid, owner.st_gid)


def _walk(directory: str) -> Iterator[os.DirEntry[str]]:
    try:
        entries = os.scandir(directory)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path)
            elif is_id(entry.name):
                yield entry
