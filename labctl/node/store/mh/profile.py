"""Where the mh folders of a user are, and which there are: ``~/.mh_profile``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from labctl.node.base.files import read_if_there

PREFIX: Final = "#mh/"
PROFILE: Final = ".mh_profile"
_PATH: Final = re.compile(r"^Path:[ \t]*(\S+)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def mh_root(home: str) -> str | None:
    """The directory of all mh folders, below the home; None without a profile."""
    match = _PATH.search(read_if_there(f"{home}/{PROFILE}") or "")
    if match is None:
        return None
    root = os.path.realpath(os.path.join(home, match[1]))
    return root if root.startswith(os.path.realpath(home) + "/") else None


def mh_folders(root: str) -> Iterator[str]:
    """The names of all folders with the prefix, parents before children."""
    for directory, below, _ in os.walk(root):
        below.sort()
        for name in below:
            yield PREFIX + os.path.relpath(os.path.join(directory, name), root)
