"""Which UID each message of a Maildir has: the file ``uidlist`` beside cur/, new/ and tmp/.

FORMAT
    ``1 UIDVALIDITY UIDNEXT``, then a line ``UID SIZE UNIQUE`` for each message, in the order of
    UIDs.  SIZE is RFC822.SIZE, -1 as long as nobody has asked.  ``keywords`` has a name a line.

STATES
    Read and replaced (rename) with ``uidlist.lock`` locked; the lock file stays.  What a crash
    leaves is the old list: the messages since then get their UIDs at the next look.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.base import clock, locks
from labctl.node.base.files import read_if_there, write_atomically
from labctl.node.store.listener import MailboxLost

LIST: Final = "uidlist"
KEYWORDS: Final = "keywords"
PATIENCE: Final = 30.0  # seconds; whoever holds the lock only reads names


class Known(NamedTuple):
    """What the list knows of a message."""

    uid: int
    size: int = -1


@dataclass
class UidList:
    """The content of the file; ``known`` is keyed by the unique parts of names."""

    validity: int = 0
    next_uid: int = 1
    known: dict[str, Known] = field(default_factory=dict)

    def take_up(self, uniques: list[str]) -> None:
        """Give UIDs to those that have none, and forget those that are gone."""
        there = set(uniques)
        self.known = {name: known for name, known in self.known.items() if name in there}
        for unique in sorted(there - self.known.keys(), key=_arrival):
            self.known[unique] = Known(self.next_uid)
            self.next_uid += 1


def read(directory: str) -> UidList:
    """The list of a Maildir; a new one when there is none, or none that makes sense."""
    text = read_if_there(f"{directory}/{LIST}")
    with suppress(ValueError):
        if text:
            return _parsed(text)
    return UidList(validity=int(clock.now()))


def write(directory: str, uids: UidList) -> None:
    """Replace the file; the caller holds the lock."""
    lines = [f"1 {uids.validity} {uids.next_uid}\n"]
    lines += [f"{known.uid} {known.size} {name}\n" for name, known in uids.known.items()]
    data = "".join(lines).encode("utf-8", "surrogateescape")
    write_atomically(f"{directory}/{LIST}", data, mode=0o600)


def read_keywords(directory: str) -> list[str]:
    """The keywords of a Maildir, in the order of their letters."""
    return (read_if_there(f"{directory}/{KEYWORDS}") or "").split()


def write_keywords(directory: str, words: list[str]) -> None:
    """Replace the file; the caller holds the lock."""
    data = "".join(f"{word}\n" for word in words).encode("utf-8", "surrogateescape")
    write_atomically(f"{directory}/{KEYWORDS}", data, mode=0o600)


@contextmanager
def locked(directory: str) -> Iterator[None]:
    """Nobody else reads or replaces the list meanwhile."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(f"{directory}/{LIST}.lock", flags, 0o600)
    try:
        locks.lock_flock(fd, patience=PATIENCE)
        yield
    except locks.LockTimeout as error:
        raise MailboxLost(f"Unable to lock {directory}/{LIST}, aborted") from error
    finally:
        os.close(fd)


def _parsed(text: str) -> UidList:
    head, *lines = text.splitlines()
    version, validity, next_uid = (int(word) for word in head.split())
    if version != 1:
        raise ValueError(version)
    known = {}
    for line in lines:
        uid, size, name = line.split(" ", 2)
        known[name] = Known(int(uid), int(size))
    if any(entry.uid >= next_uid for entry in known.values()):
        raise ValueError(next_uid)
    return UidList(validity, next_uid, known)


def _arrival(unique: str) -> tuple[int, str]:
    """Names begin with the second of their delivery."""
    seconds = unique.partition(".")[0]
    return (int(seconds) if seconds.isdecimal() else 0, unique)
