""":include:/path in aliases and .forward files: more destinations, in a file of their own.

WHOSE RIGHTS
    Named in root's aliases, a file of somebody else's gives that somebody's rights; otherwise
    whoever can write it could run commands as default_privs.  Named by a user, it gives the
    user no rights of others.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from labctl.node.base import accounts
from labctl.node.base.accounts import Account
from labctl.node.base.privileges import acting_as
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.lists.expansion import Expansion, Found, misconfigured
from labctl.node.mta.local.lists.members import parse_lines
from labctl.node.mta.local.target import Source, Target


def expand(attempt: Attempt, target: Target, path: str) -> Found:
    """The destinations in the file; None when it was expanded before."""
    uid = target.rights.uid if target.rights else 0
    if not attempt.is_new("include", f"{uid} {path}"):
        return None
    try:
        complaint, owner = _examine(target, path)
    except OSError as error:
        complaint = f"unable to lookup :include: file {path}: {os.strerror(error.errno or 0)}"
        owner = 0
    if complaint:
        attempt.warn(complaint)
        return misconfigured()
    rights = _rights(attempt, target, path, owner)
    if isinstance(rights, DeliveryStatus):
        return rights
    return _read(attempt, _included(attempt, target, rights), path)


def _examine(target: Target, path: str) -> tuple[str, int]:
    """What is wrong with the file, and who owns it."""
    if not path.startswith("/"):
        return f":include:{path} uses a relative path", 0
    with _reading_as(target.rights):
        status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        return f":include: file {path} is not a regular file", 0
    if status.st_mode & stat.S_IWOTH:
        return f":include: file {path} is world writable", 0
    return "", status.st_uid


def _rights(
    attempt: Attempt, target: Target, path: str, owner: int
) -> Account | DeliveryStatus | None:
    if target.rights is not None or owner == 0:
        return target.rights
    account = accounts.by_uid(owner)
    if account is None:
        attempt.warn(f"cannot find username for uid {owner}")
        attempt.warn(f"{path}: cannot find :include: file owner username")
        return misconfigured()
    return account


def _included(attempt: Attempt, target: Target, rights: Account | None) -> Target:
    spread = "include" in attempt.config.words("propagate_unmatched_extensions")
    return target._replace(
        unmatched=target.unmatched if spread else None,
        expanded_from=target.local,
        source=Source.INCLUDE,
        rights=rights,
        owner=target.owner or target.rcpt.address,
    )


def _read(attempt: Attempt, target: Target, path: str) -> Found:
    try:
        with _reading_as(target.rights), open(path, errors="surrogateescape") as lines:
            return Expansion(parse_lines(lines), target)
    except OSError as error:
        attempt.warn(f"cannot open include file {path}: {os.strerror(error.errno or 0)}")
        return misconfigured()


@contextmanager
def _reading_as(rights: Account | None) -> Iterator[None]:
    """What root's aliases name, root may read."""
    if rights is None:
        yield
    else:
        with acting_as(rights):
            yield
