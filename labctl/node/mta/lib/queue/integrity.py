"""What `postfix check` looks at: owners and modes that would lose mail or give it away.

INPUT AND OUTPUT
    ``require(config)`` raises Fatal for what the mail system cannot start with, after making
    missing queue directories.  ``warnings(config)`` yields the rest, in Postfix's words.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Final

from labctl.node.base import accounts
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config import master_cf
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import subdirectories

OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def require(config: Config) -> None:
    """Make what is missing; say what cannot be made."""
    try:
        subdirectories.create_missing(config)
    except OSError as error:
        raise Fatal("unable to create missing queue directories") from error
    table = f"{config.directory}/master.cf"
    if not os.path.isfile(table):
        raise Fatal(f"no {table} file found")
    names = {(service.name, service.type) for service in master_cf.read(table)}
    if config.text("maillog_file") and (POSTLOG not in names):
        raise Fatal(
            "missing 'postlog' service in master.cf - run 'postfix upgrade-configuration'"
        )


def warnings(config: Config) -> Iterator[str]:
    """What is not as it should be, and will work badly or unsafely."""
    queue = config.text("queue_directory")
    owner = config.text("mail_owner")
    # Paths have the form in which Postfix's own script looks for them, with a dot.
    yield from _check([f"{queue}/.", f"{queue}/pid"], "root")
    settings = f"{config.directory}/."
    yield from _check([settings, *_below(settings)], "root")
    yield from _leaving(_below(settings))
    data = f"{config.text('data_directory')}/."
    yield from _check([data, *_below(data)], owner)
    for name in OWNED:
        yield from _foreign([f"{queue}/{name}", *_below(f"{queue}/{name}")], owner)
    # Not what is inside: anybody may put a file into maildrop.
    yield from _foreign([f"{queue}/maildrop"], owner)
    yield from _foreign_group([f"{queue}/public", f"{queue}/maildrop"], config)
    for path in _below(f"{queue}/corrupt"):
        yield f"damaged message: corrupt/{os.path.basename(path)}"


def _check(paths: list[str], owner: str) -> Iterator[str]:
    yield from _foreign(paths, owner)
    for path in paths:
        if (status := _stat(path)) and status.st_mode & OTHERS_WRITE:
            yield f"group or other writable: {path}"


def _foreign(paths: list[str], owner: str) -> Iterator[str]:
    account = accounts.by_name(owner)
    for path in paths:
        status = _stat(path)
        if account and status and status.st_uid != account.uid and not _is_socket(status):
            yield f"not owned by {owner}: {path}"


def _leaving(paths: list[str]) -> Iterator[str]:
    """A link to elsewhere takes the checks of this directory to where they do not hold."""
    for path in paths:
        if os.path.islink(path) and "/" in os.readlink(path):
            yield f"symlink leaves directory: {path}"


def _foreign_group(paths: list[str], config: Config) -> Iterator[str]:
    name = config.text("setgid_group")
    group = accounts.group_by_name(name)
    for path in paths:
        if group and (status := _stat(path)) and status.st_gid != group.gid:
            yield f"not owned by group {name}: {path}"


def _below(directory: str) -> list[str]:
    try:
        return sorted(f"{directory}/{name}" for name in os.listdir(directory))
    except OSError:
        return []


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _is_socket(status: os.stat_result) -> bool:
    return stat.S_ISSOCK(status.st_mode) or stat.S_ISFIFO(status.st_mode)


POSTLOG: Final = ("postlog", "unix-dgram")
OWNED: Final = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "public",
    "saved",
    "trace",
)
