"""What a mailbox tells its session while it works, in the order in which it happens.

WHY CALLBACKS
    UW-IMAP sends a warning when the next one comes, so where "* 3 EXISTS" stands between two
    of them depends on the moment.  A mailbox therefore speaks at once, and does not collect.
"""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """A session, or nobody."""

    def inform(self, text: str) -> None:
        """Something went well in a remarkable way."""

    def warn(self, text: str) -> None:
        """Something is wrong, and the operation goes on."""

    def exists(self, count: int) -> None:
        """The number of messages has grown, or is known now."""

    def expunged(self, number: int) -> None:
        """This message is gone, and all after it count one less."""

    def flags_changed(self, number: int) -> None:
        """Somebody else changed the flags of this message."""


class Nobody:
    """For operations on a mailbox that nobody has selected."""

    def inform(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def exists(self, count: int) -> None: ...

    def expunged(self, number: int) -> None: ...

    def flags_changed(self, number: int) -> None: ...


class Quiet:
    """Passes on words but not events: for a mailbox that is opened on the side."""

    def __init__(self, listener: Listener) -> None:
        self.inform, self.warn = listener.inform, listener.warn

    def exists(self, count: int) -> None: ...

    def expunged(self, number: int) -> None: ...

    def flags_changed(self, number: int) -> None: ...


class MailboxError(Exception):
    """The operation cannot be done; the text is for the user."""


class NoSuchMailbox(MailboxError):
    """There is none of this name, but it could be created."""


class MailboxLost(MailboxError):
    """The file changed underneath in a way that this session cannot follow."""
