"""What was known of a large mbox when it was last let go, so that it is not read again.

STATES
    ``restore`` fills an empty ``Book`` from the index as far as it holds; ``settled`` is told
    after every operation on the file, ``outdated`` when the book learns something; ``keep``
    writes the index when the mailbox is let go.

WHERE
    ``~/.mailindex/DEVICE.INODE`` (hexadecimal): a spool directory is not ours to write to.
    An index may be deleted at any time, also while a session uses its mailbox.

NEVER TRUSTED BLINDLY
    A file with the same inode, size and times (ctime included, which nobody can set) is as
    we left it.  A longer one is believed as far as it was known if every known message still
    begins where it did and has a header with the same checksum: programs that deliver
    append, and programs that change flags change headers.  Anything else is read anew, and so
    is a mailbox whose index is torn or of another version.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import zlib
from array import array
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.base.files import write_all
from labctl.node.store import flags as flag
from labctl.node.store.mbox.scan import Book, MboxMessage

# A smaller mailbox is read as fast as its index.
SMALLEST: Final = 1 << 20

_MAGIC: Final = b"mbox index 1\n\0\0\0"
# Magic; device, inode, size, mtime, ctime; their checksum: what changes whenever we let go.
_LOOK: Final = struct.Struct("<16s5qI")
# UIDVALIDITY, last UID, pseudo message, messages, octets of keywords, checksum of the rest.
_HEAD: Final = struct.Struct("<5qI")
# What the index keeps of a message; its checksum follows.
_COLUMNS: Final = (
    *("uid", "flags", "keywords", "unsaved", "size"),
    *("offset", "head", "body", "end", "following"),
)


class Look(NamedTuple):
    """What stat(2) says of a mailbox; equal looks, equal content."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


class Index:
    """The index of one open mailbox; without a directory it does nothing."""

    def __init__(self, directory: str, fd: int) -> None:
        self._fd = fd
        self._settled = _look(fd)
        device, inode = self._settled[:2]
        self._path = f"{directory}/{device:x}.{inode:x}" if directory else ""
        self._current = False

    def restore(self, data: mmap.mmap, book: Book) -> None:
        """Fill the book as far as the index holds; it stays empty where there is none."""
        if not self._path or len(data) < SMALLEST:
            return
        now = _look(self._fd)
        with contextlib.suppress(OSError, struct.error), open(self._path, "rb") as file:
            then = _read_look(file.read(_LOOK.size))
            if then is not None and _may_be(then, now):
                self._current = then == now
                _fill(book, then, file.read(), None if self._current else data)

    def settled(self) -> None:
        """The file is as the book says."""
        if self._path:
            self._settled = _look(self._fd)

    def outdated(self) -> None:
        """The book knows more than the index."""
        self._current = False

    def keep(self, book: Book) -> None:
        """Let the next session know what this one knows."""
        now = _look(self._fd)
        worth = self._path and SMALLEST <= book.size <= now.size
        if not worth or book.unsaved or book.unsaved_uids:
            return
        if now != self._settled:
            # Somebody wrote after us: it must be looked at, whatever the times say.
            now = now._replace(size=book.size, modified=0, changed=0)
        if self._current:
            with contextlib.suppress(OSError), open(self._path, "r+b") as file:
                file.write(_look_bytes(now))
        else:
            with mmap.mmap(self._fd, book.size, prot=mmap.PROT_READ) as data:
                _write(self._path, _look_bytes(now) + _table(book, data))


def _look(fd: int) -> Look:
    status = os.fstat(fd)
    times = status.st_mtime_ns, status.st_ctime_ns
    return Look(status.st_dev, status.st_ino, status.st_size, *times)


def _look_bytes(seen: Look) -> bytes:
    return _LOOK.pack(_MAGIC, *seen, zlib.crc32(repr(seen).encode()))


def _read_look(data: bytes) -> Look | None:
    magic, *numbers, checksum = _LOOK.unpack(data)
    then = Look(*numbers)
    good = magic == _MAGIC and checksum == zlib.crc32(repr(then).encode())
    return then if good else None


def _may_be(then: Look, now: Look) -> bool:
    return then[:2] == now[:2] and (then == now or then.size < now.size)


def _table(book: Book, data: mmap.mmap) -> bytes:
    rows = book.messages
    columns = [array("q", [int(getattr(row, name)) for row in rows]) for name in _COLUMNS]
    for position, row in enumerate(rows):
        if not row.unsaved:  # the file says that it is old, and only we that it is recent
            columns[_COLUMNS.index("flags")][position] &= ~flag.RECENT
    columns.append(array("q", _checksums(data, rows)))
    keywords = "\0".join(book.keywords).encode("utf-8", "surrogateescape")
    body = b"".join([keywords, *(column.tobytes() for column in columns)])
    head = (book.uid_validity, book.uid_last, book.pseudo, len(rows), len(keywords))
    return _HEAD.pack(*head, zlib.crc32(body)) + body


def _fill(book: Book, then: Look, table: bytes, data: mmap.mmap | None) -> None:
    """Fill the book; the messages are compared with ``data`` where it is given."""
    *numbers, checksum = _HEAD.unpack_from(table)
    validity, uid_last, pseudo, count, octets = numbers
    body = memoryview(table)[_HEAD.size :]
    if zlib.crc32(body) != checksum:
        return
    *columns, sums = _columns(body[octets:], count)
    messages = [
        MboxMessage(uid, flags, keywords, bool(unsaved), size, False, *place)
        for uid, flags, keywords, unsaved, size, *place in zip(*columns, strict=True)
    ]
    if data is not None and _checksums(data, messages) != sums.tolist():
        return
    words = bytes(body[:octets]).decode("utf-8", "surrogateescape")
    book.messages[:] = messages
    book.keywords[:] = words.split("\0") if words else []
    book.uid_validity, book.uid_last = validity, uid_last
    book.pseudo, book.size = bool(pseudo), then.size
    book.unsaved = any(row.unsaved and row.flags & flag.RECENT for row in messages)


def _columns(table: memoryview, count: int) -> list[array[int]]:
    columns = [array("q") for _ in (*_COLUMNS, "checksum")]
    for number, column in enumerate(columns):
        column.frombytes(table[number * count * 8 : (number + 1) * count * 8])
    return columns


def _checksums(data: mmap.mmap, messages: Sequence[MboxMessage]) -> list[int]:
    with memoryview(data) as view:
        return [zlib.crc32(view[row.offset : row.body]) for row in messages]


def _write(path: str, data: bytes) -> None:
    """Whole or not at all; it need not outlive a crash, so there is no fsync."""
    temporary = f"{path}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        fd = os.open(temporary, flags, 0o600)
        try:
            write_all(fd, data)
            os.rename(temporary, path)
        except OSError:
            os.unlink(temporary)
        finally:
            os.close(fd)
