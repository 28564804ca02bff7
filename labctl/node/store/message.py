"""One message of an open mailbox, whatever format it has on disk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Message:
    """What every format knows of a message; flags change while the mailbox is open."""

    uid: int = 0
    flags: int = 0
    keywords: int = 0
    unsaved: bool = False  # the disk does not say the same as we do
    size: int = -1  # RFC822.SIZE, once it is known
    sequence: bool = False  # marked by the set of the command at hand
