"""The list of subscribed folders in ~/.mailboxlist, one name a line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from labctl.node.store.listener import MailboxError
from labctl.node.store.listing import matcher
from labctl.node.store.names import Folders

FILE: Final = ".mailboxlist"
# UW-IMAP leaves this one behind as well, and people know it from their directories.
SCRATCH: Final = ".mlbxlsttmp"


def subscribed(folders: Folders) -> list[str]:
    """The names in the file, in its order."""
    try:
        return Path(folders.root, FILE).read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []


def subscribe(folders: Folders, name: str) -> None:
    """RFC 3501 6.3.6; a MailboxError if the name is there already."""
    if name in subscribed(folders):
        raise MailboxError(f"Already subscribed to mailbox {name}")
    try:
        with open(
            f"{folders.root}/{FILE}", "a", encoding="utf-8", errors="surrogateescape"
        ) as file:
            file.write(f"{name}\n")
    except OSError as error:
        raise MailboxError(
            f"Can't append to subscription database: {error.strerror}"
        ) from error


def unsubscribe(folders: Folders, name: str) -> None:
    """RFC 3501 6.3.7; a MailboxError if the name is not there."""
    names = subscribed(folders)
    if name not in names:
        raise MailboxError(f"Not subscribed to mailbox {name}")
    text = "".join(f"{other}\n" for other in names if other != name)
    scratch = Path(folders.root, SCRATCH)
    try:
        scratch.write_text(text, "utf-8", "surrogateescape")
        # Renamed over the list, so that nobody reads half of it; then made anew.
        os.replace(scratch, Path(folders.root, FILE))
        scratch.touch(0o600)
    except OSError as error:
        raise MailboxError(f"Can't update subscription database: {error.strerror}") from error


def subscribed_like(
    folders: Folders, reference: str, pattern: str
) -> Iterator[tuple[str, bool]]:
    """Matching names, and whether each is a folder itself or a level above one."""
    wanted = pattern if pattern.startswith(("/", "~", "#")) else reference + pattern
    match = matcher(wanted)
    seen: set[str] = set()
    for name in subscribed(folders):
        if match.fullmatch(name):
            yield name, True
            continue
        # RFC 3501 6.3.9: "%" shows the levels above as well.
        above = name
        while wanted.endswith("%") and "/" in above:
            above = above.rpartition("/")[0]
            if match.fullmatch(above) and above not in seen:
                seen.add(above)
                yield above, False
