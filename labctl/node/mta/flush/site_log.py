"""One file for each site, with the ids of messages that were deferred on their way there.

BUGS
    An id that has been delivered since stays in the log until the site is flushed; then it is
    not found, and nothing happens.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from typing import Final

UNSAFE: Final = re.compile(r"[^a-z0-9]")


def path(directory: str, site: str) -> str:
    """Where the log of a site is; two sites that differ in punctuation share it."""
    return os.path.join(directory, UNSAFE.sub("_", site.lower())[:200])


def append(log: str, queue_id: str) -> None:
    """Note an id, once."""
    with open(log, "a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if queue_id not in file.read().split():
            file.write(f"{queue_id}\n")


def take(log: str) -> list[str]:
    """All ids, which are forgotten with that: who fails again is noted again."""
    with contextlib.suppress(FileNotFoundError), open(log, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        found = file.read().split()
        file.truncate(0)
        return found
    return []
