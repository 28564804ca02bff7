"""The lines of an mbox that belong to us: status of a message, pseudo message, From_ line.

WHY PADDED
    X-Keywords is filled with blanks up to a fixed width, so that a change of flags needs as
    many bytes as before and is written in place.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.store import flags as flag
from labctl.node.store.from_line import ctime, local_zone
from labctl.node.store.mbox.scan import INTERNAL, WIDTH
from labctl.node.store.message import Message

PAD: Final = WIDTH - 1
PAD_WITH_BASE: Final = 80


class Base(NamedTuple):
    """What the first message, or the pseudo message, knows of the whole mailbox."""

    uid_validity: int
    uid_last: int
    keywords: Sequence[str]


def external_header(raw: bytes) -> bytes:
    """The header of a message as its author knows it: LF lines, the empty one included."""
    lines = INTERNAL.sub(b"", raw.replace(b"\r", b""))
    if lines.endswith(b"\n\n") or lines == b"\n":
        return lines
    return lines + (b"\n" if lines.endswith(b"\n") or not lines else b"\n\n")


def with_status(header: bytes, status: bytes) -> bytes:
    """The header as the file has it: our lines come last, before the empty line."""
    return header[:-1] + status + b"\n"


def status_lines(
    message: Message, keywords: Sequence[str], *, base: Base | None = None, old: bool = True
) -> bytes:
    """Status, X-Status, X-Keywords, X-UID; the first message has X-IMAPbase before them."""
    lines = b""
    if base is not None:
        words = "".join(f" {word}" for word in base.keywords)
        lines = f"X-IMAPbase: {base.uid_validity} {base.uid_last}{words}\n".encode("latin-1")
    lines += b"Status: %s%s\n" % (b"R" * bool(message.flags & flag.SEEN), b"O" * old)
    lines += b"X-Status: %s\nX-Keywords:" % flag.x_status(message.flags)
    for word in flag.keyword_names(message.keywords, keywords):
        lines += b" " + word.encode("latin-1")
    lines = lines.ljust(PAD if base is None else PAD_WITH_BASE)
    return b"%s\nX-UID: %d\n" % (lines, message.uid)


def pseudo_message(base: Base, host: str, now: float, *, with_id: bool = True) -> bytes:
    """The message that keeps the mailbox' data where no first message does."""
    words = "".join(f" {word}" for word in base.keywords)
    t = time.localtime(now)
    date = time.strftime("%a, %d %b %Y %H:%M:%S ", t) + local_zone(now)
    message_id = f"Message-ID: <{int(now)}@{host}>\n" if with_id else ""
    return (
        f"From MAILER-DAEMON {ctime(now)}\n"
        f"Date: {date}\n"
        f"From: Mail System Internal Data <MAILER-DAEMON@{host}>\n"
        "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
        f"{message_id}"
        f"X-IMAP: {base.uid_validity:010d} {base.uid_last:010d}{words}\n"
        f"Status: RO\n\n{PSEUDO_TEXT}\n"
    ).encode("latin-1")


# Other mail programs show this message, and their users must not throw it away.
PSEUDO_TEXT: Final = """\
This text is part of the internal format of your mail folder, and is not
a real message.  It is created automatically by the mail system software.
If deleted, important folder data will be lost, and it will be re-created
with the data reset to initial values.
"""
