"""Give up privileges for good, or borrow somebody's identity for a moment.

INPUT AND OUTPUT
    ``drop_to(account)`` cannot be undone: real, effective and saved ids are the account's.
    ``with acting_as(account):`` changes the effective ids, and comes back.
    ``give(path, uid, gid)`` changes the owner of a file.

WHERE AN ID IS NOT MAPPED
    A rootless lab may own one user id only, and then every account of the node is that one:
    the kernel answers EINVAL for the others (user_namespaces(7)), and we stay who we are.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
from collections.abc import Callable, Iterator

from labctl.node.base.accounts import Account


def drop_to(account: Account, *, set_group: int | None = None) -> None:
    """Be this account from here on; there is no way back.

    ``set_group`` is the group of a setgid program: as the kernel does it, the real group is the
    user's, and whatever the program executes gets that one.
    """
    effective = account.gid if set_group is None else set_group
    _set_groups(account.groups)
    _unless_unmapped(lambda: os.setresgid(account.gid, effective, effective))
    _unless_unmapped(lambda: os.setresuid(account.uid, account.uid, account.uid))


@contextlib.contextmanager
def acting_as(account: Account) -> Iterator[None]:
    """Files that are made here belong to the account, and its permissions hold."""
    uid, gid, groups = os.geteuid(), os.getegid(), os.getgroups()
    if uid == account.uid and gid == account.gid:
        yield
        return
    # Only root may choose groups; a daemon may be here as mail_owner with real id root.
    _as_root()
    try:
        _set_groups(account.groups)
        _unless_unmapped(lambda: os.setegid(account.gid))
        _unless_unmapped(lambda: os.seteuid(account.uid))
        yield
    finally:
        _as_root()
        _set_groups(tuple(groups))
        _unless_unmapped(lambda: os.setegid(gid))
        _unless_unmapped(lambda: os.seteuid(uid))


def is_only_user() -> bool:
    """Whether all accounts of this node are one user outside (user_namespaces(7))."""
    with open("/proc/self/uid_map") as ranges:
        return [line.split()[2] for line in ranges] == ["1"]


def give(path: str | os.PathLike[str], uid: int, gid: int) -> None:
    """chown(2), where that can be: without privileges, things stay ours."""
    if os.geteuid() == 0:
        _unless_unmapped(lambda: os.chown(path, uid, gid))


def _as_root() -> None:
    if os.geteuid() != 0 and 0 in os.getresuid():
        os.seteuid(0)


def _set_groups(groups: tuple[int, ...]) -> None:
    if os.geteuid() != 0 or _groups_are_denied():
        return
    _unless_unmapped(lambda: os.setgroups(groups))


# Nothing can change it once the map is written; an agent asks several times a message.
@functools.cache
def _groups_are_denied() -> bool:
    # user_namespaces(7): "deny" is the price of a map that was written without privileges.
    try:
        with open("/proc/self/setgroups") as file:
            return file.read().strip() == "deny"
    except OSError:
        return False


def _unless_unmapped(change: Callable[[], None]) -> None:
    try:
        change()
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
