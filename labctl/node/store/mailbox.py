"""What a session can do with a mailbox, whatever format it has on disk.

STATES
    Messages are numbered from 1 in the order of ``messages``.  The numbering changes only in
    ``ping``, ``check``, ``expunge`` and ``close``, and each change is told to the listener.

TWO MODES
    ``uw``: one session may write a mailbox; a new one ends it (``session_lock``).
    ``shared``: any number of sessions; each operation takes up what the others have written.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from labctl.node.store.flags import RECENT
from labctl.node.store.from_line import Moment
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail

MODE_FILE: Final = Path("/etc/labctl/mailbox_mode")


class Mode(enum.Enum):
    """What happens when two sessions want one mailbox."""

    UW = "uw"
    SHARED = "shared"


def mode_of_node() -> Mode:
    """The mode of this node: ``uw`` unless the lab wants another."""
    try:
        return Mode(MODE_FILE.read_text().strip())
    except (FileNotFoundError, ValueError):
        return Mode.UW


class Mailbox(Protocol):
    """An open mailbox."""

    path: str
    name: str
    format: str  # as UW-IMAP calls it: "unix", "mbx", "maildir"
    readonly: bool
    permanent: bool  # whether flags can be kept at all
    shared: bool  # whether several sessions may change it

    @property
    def messages(self) -> Sequence[Message]: ...

    @property
    def keywords(self) -> Sequence[str]: ...

    @property
    def uid_validity(self) -> int: ...

    @property
    def uid_next(self) -> int: ...

    def ping(self, *, renumber: bool = True) -> Mailbox:
        """Take up what has happened to the file; the result replaces this mailbox.

        Without ``renumber`` messages that are gone keep their numbers for now.
        """

    def check(self) -> None:
        """Bring all changes to the disk."""

    def add(self, mails: Sequence[NewMail]) -> Sequence[int]:
        """Add all messages or none; the UIDs that they got."""

    def expunge(self, chosen: Callable[[Message], bool]) -> None:
        """Remove the chosen messages that are deleted."""

    def close(self, *, expunge: bool = False) -> None:
        """Save, and let go of the mailbox."""

    def abandon(self) -> None:
        """Let go of the mailbox without saving."""

    def gone(self, message: Message) -> bool:
        """Whether another session has removed it: what was just read may not be whole."""

    def header(self, message: Message) -> bytes:
        """The header with CRLF lines and the empty line, without our own lines."""

    def text(self, message: Message) -> bytes:
        """The text with CRLF lines."""

    def size(self, message: Message) -> int:
        """RFC822.SIZE: octets of header and text."""

    def date(self, message: Message) -> Moment:
        """When the message came here (INTERNALDATE)."""

    def sender_line(self, message: Message) -> bytes:
        """The From_ line."""

    def keyword_bit(self, name: str, *, create: bool) -> int:
        """The bit of a keyword, 0 when there is none and none can be made."""

    def set_flags(self, message: Message, flags: int, keywords: int) -> None:
        """Replace the flags; RECENT cannot be changed."""


def recent_count(mailbox: Mailbox) -> int:
    """How many messages no session has been told of before."""
    return sum(1 for message in mailbox.messages if message.flags & RECENT)
