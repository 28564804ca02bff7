"""The directories of the queue: which ones, whose, with which mode; missing ones are made.

WHY maildrop IS 1733 AND public 0755
    Postfix reaches both through a setgid command; a script cannot be setgid.  So anybody may
    drop a file into maildrop, and pickup(8) looks at owner, type and link count of each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final, NamedTuple

from labctl.node.base import accounts, privileges
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config


class Owner(Enum):
    """To whom a directory of the queue belongs."""

    ROOT = "root"
    MAIL_OWNER = "mail_owner"


class Rule(NamedTuple):
    """What owner and mode a directory must have."""

    owner: Owner
    mode: int


class Directory(NamedTuple):
    """One directory of the queue."""

    path: str
    uid: int
    gid: int
    mode: int


def directories(config: Config) -> Iterator[Directory]:
    """All directories of this mail system, parents first."""
    account = accounts.by_name(config.text("mail_owner"))
    if account is None:
        raise Fatal(f"mail_owner: unknown user name value: {config.text('mail_owner')}")
    group = accounts.group_by_name(config.text("setgid_group"))
    if group is None:
        raise Fatal(f"setgid_group: unknown group name: {config.text('setgid_group')}")
    groups = {"maildrop": group.gid, "public": group.gid}
    top = config.text("queue_directory")
    yield Directory(top, 0, 0, 0o755)
    for name, rule in RULES.items():
        uid = account.uid if rule.owner is Owner.MAIL_OWNER else 0
        yield Directory(os.path.join(top, name), uid, groups.get(name, 0), rule.mode)
    data = config.text("data_directory")
    yield Directory(data, account.uid, account.gid, 0o700)


def create_missing(config: Config) -> list[Directory]:
    """Make what is not there, and return it; what is there stays as it is."""
    made = []
    for directory in directories(config):
        if _create(directory):
            made.append(directory)
    return made


def repair(config: Config) -> None:
    """Give every directory the owner and the mode that it should have."""
    for directory in directories(config):
        if not _create(directory):
            privileges.give(directory.path, directory.uid, directory.gid)
            os.chmod(directory.path, directory.mode)


def _create(directory: Directory) -> bool:
    try:
        os.makedirs(directory.path, exist_ok=False)
    except FileExistsError:
        return False
    privileges.give(directory.path, directory.uid, directory.gid)
    # After chown, and without the umask: chown would take special bits away.
    os.chmod(directory.path, directory.mode)
    return True


RULES: Final[Mapping[str, Rule]] = {
    "active": Rule(Owner.MAIL_OWNER, 0o700),
    "bounce": Rule(Owner.MAIL_OWNER, 0o700),
    "corrupt": Rule(Owner.MAIL_OWNER, 0o700),
    "defer": Rule(Owner.MAIL_OWNER, 0o700),
    "deferred": Rule(Owner.MAIL_OWNER, 0o700),
    "flush": Rule(Owner.MAIL_OWNER, 0o700),
    "hold": Rule(Owner.MAIL_OWNER, 0o700),
    "incoming": Rule(Owner.MAIL_OWNER, 0o700),
    "maildrop": Rule(Owner.MAIL_OWNER, 0o1733),
    "pid": Rule(Owner.ROOT, 0o755),
    "private": Rule(Owner.MAIL_OWNER, 0o700),
    "public": Rule(Owner.MAIL_OWNER, 0o755),
    "saved": Rule(Owner.MAIL_OWNER, 0o700),
    "trace": Rule(Owner.MAIL_OWNER, 0o700),
}
