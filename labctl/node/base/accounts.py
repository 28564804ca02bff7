"""Who is who: passwd(5) and group(5), as they are at the moment of the question.

WHY NOT THE MODULE pwd
    The C library may ask a name service that a node does not have, and may remember its
    answer; a node's accounts are in its two files, and somebody may add one at any moment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

PASSWD: Final = "/etc/passwd"
GROUP: Final = "/etc/group"


class Account(NamedTuple):
    """One user: passwd(5), and the groups of group(5)."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    gecos: str
    groups: tuple[int, ...]  # all of them, the primary one first


class Group(NamedTuple):
    """One group of group(5)."""

    name: str
    gid: int
    members: tuple[str, ...]


def by_name(name: str) -> Account | None:
    """The account with this name."""
    return _find(0, name, _versions())


def by_uid(uid: int) -> Account | None:
    """The first account with this user id."""
    return _find(2, str(uid), _versions())


def group_by_name(name: str) -> Group | None:
    """The group with this name."""
    return next((group for group in _groups() if group.name == name), None)


def group_by_gid(gid: int) -> Group | None:
    """The first group with this group id."""
    return next((group for group in _groups() if group.gid == gid), None)


Version = tuple[int, ...]


# Files that are as they were are not read again: agents ask for accounts with every message.
@lru_cache(maxsize=64)
def _find(field: int, wanted: str, _versions: tuple[Version, Version]) -> Account | None:
    found = (row for row in _rows(PASSWD, 7) if row[field] == wanted)
    return next((_with_groups(row) for row in found), None)


def _versions() -> tuple[Version, Version]:
    return _version(PASSWD), _version(GROUP)


def _with_groups(row: list[str]) -> Account:
    name, _, uid, gid, gecos, home, shell = row
    others = [group.gid for group in _groups() if name in group.members]
    groups = tuple(dict.fromkeys([int(gid), *others]))
    return Account(name, int(uid), int(gid), home, shell, gecos, groups)


def _groups() -> Iterator[Group]:
    for name, _, gid, members in _rows(GROUP, 4):
        yield Group(name, int(gid), tuple(filter(None, members.split(","))))


def _rows(path: str, fields: int) -> list[list[str]]:
    """Rows with the right number of fields; getpwent(3) skips the others, and so do we."""
    version = _version(path)
    return _read(path, fields, version) if version else []


def _version(path: str) -> Version:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return ()
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=4)
def _read(path: str, fields: int, _version: Version) -> list[list[str]]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split(":") for line in file.read().split("\n")]
    return [row for row in rows if len(row) == fields and row[2].isdigit()]
