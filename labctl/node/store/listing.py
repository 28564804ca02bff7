"""LIST: the folders of a user that match a pattern (RFC 3501 6.3.8).

WHAT COUNTS AS A FOLDER
    Every file below the folder directory, as in UW-IMAP; names that begin with a dot are
    hidden.  A symbolic link that leads out of it is not shown, for it cannot be opened.  A
    Maildir is a folder, and what makes it one is not shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from labctl.node.store.maildir.directory import PARTS, is_maildir
from labctl.node.store.mh import profile as mh
from labctl.node.store.names import Folders

DEEPEST = 20


class Listed(NamedTuple):
    """One line of LIST."""

    name: str
    attributes: tuple[str, ...]
    delimiter: str | None = "/"


def matcher(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """RFC 3501 6.3.8: ``*`` matches everything, ``%`` everything within a level."""
    text = "".join(_WILDCARDS.get(character, re.escape(character)) for character in pattern)
    return re.compile(text, re.IGNORECASE if ignore_case else 0)


_WILDCARDS = {"*": ".*", "%": "[^/]*"}


def folders_like(folders: Folders, reference: str, pattern: str) -> Iterator[Listed]:
    """The folders whose names match, INBOX last."""
    wanted = pattern if pattern.startswith(("/", "~", "#")) else reference + pattern
    if wanted.startswith(mh.PREFIX):
        yield from _mh_folders(folders, matcher(wanted))
        return
    prefix = "~/" if wanted.startswith("~/") else ""
    if wanted.startswith("#") or ".." in wanted.split("/"):
        return
    match = matcher(wanted)
    if prefix and match.fullmatch(prefix):
        yield Listed(prefix, _directory_attributes(folders.root))
    # Below the last fixed directory nothing can match that does not begin with it.
    yield from _walk(folders.root, prefix, match, "*" in wanted, wanted.count("/") + 1)
    if matcher(wanted, ignore_case=True).fullmatch("INBOX"):
        yield Listed("INBOX", ("\\NoInferiors",), None)


def _mh_folders(folders: Folders, match: re.Pattern[str]) -> Iterator[Listed]:
    root = mh.mh_root(folders.root)
    for name in mh.mh_folders(root) if root else ():
        if match.fullmatch(name):
            yield Listed(name, ())


def _walk(
    directory: str, prefix: str, match: re.Pattern[str], endless: bool, levels: int
) -> Iterator[Listed]:
    depth = prefix.count("/")
    if depth > DEEPEST or (not endless and depth >= levels):
        return
    for entry in _entries(directory):
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            spellings = (name,) if is_maildir(entry.path) else (name, name + "/")
            shown = next((n for n in spellings if match.fullmatch(n)), None)
            if shown:
                yield Listed(shown, _directory_attributes(entry.path))
            yield from _walk(entry.path, name + "/", match, endless, levels)
        elif entry.is_file(follow_symlinks=False) and match.fullmatch(name):
            yield Listed(name, ("\\NoInferiors", _mark(entry.stat())))


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as found:
            entries = sorted((e for e in found if not e.name.startswith(".")), key=_name)
    except OSError:
        return []
    if is_maildir(directory):
        return [e for e in entries if e.is_dir() and e.name not in PARTS]
    return entries


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _directory_attributes(path: str) -> tuple[str, ...]:
    children = "\\HasChildren" if _entries(path) else "\\HasNoChildren"
    return (children,) if is_maildir(path) else ("\\NoSelect", children)


def _mark(status: os.stat_result) -> str:
    """Changed since it was last read?"""
    changed = status.st_size and int(status.st_atime) < int(status.st_ctime)
    return "\\Marked" if changed else "\\UnMarked"
