"""UIDVALIDITY for new mailboxes: never the same for two of one name (RFC 3501 2.3.1.1).

WHY A FILE
    A client may delete and create a mailbox within a second; the time alone would tell it that
    the messages it knows are still there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from labctl.node.base import clock
from labctl.node.base.files import read_if_there, write_atomically

LAST: Final = "uidvalidity"


def fresh(directory: str) -> int:
    """The time in seconds, or one more than the last that was given; kept in ``directory``."""
    if not directory:
        return int(clock.now())
    path = f"{directory}/{LAST}"
    last = (read_if_there(path) or "").strip()
    given = max(int(clock.now()), int(last) + 1 if last.isdecimal() else 0)
    with suppress(OSError):  # then the time must do
        os.makedirs(directory, 0o700, exist_ok=True)
        write_atomically(path, f"{given}\n".encode(), mode=0o600)
    return given
