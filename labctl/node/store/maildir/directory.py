"""Which directories are Maildirs; make one, remove one."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import Final

from labctl.node.store.maildir.uid_list import KEYWORDS, LIST

PARTS: Final = ("cur", "new", "tmp")
OURS: Final = (LIST, f"{LIST}.lock", KEYWORDS)
MODE: Final = 0o700


def is_maildir(path: str) -> bool:
    """Whether this directory has the three that make a Maildir."""
    return all(os.path.isdir(f"{path}/{part}") for part in PARTS)


def make(path: str) -> None:
    """Make a Maildir; the directory itself may be there already, with folders in it."""
    os.makedirs(path, MODE, exist_ok=True)
    # tmp/ comes last: without it nobody takes the directory for a mailbox.
    for part in PARTS:
        os.mkdir(f"{path}/{part}", MODE)


def remove(path: str) -> None:
    """Remove the messages; the directory stays where other folders are in it."""
    for part in reversed(PARTS):
        shutil.rmtree(f"{path}/{part}")
    for name in OURS:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}/{name}")
    with contextlib.suppress(OSError):
        os.rmdir(path)
