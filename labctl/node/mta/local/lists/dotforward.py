"""$HOME/.forward: where a user wants the mail to go.

WHOSE FILE
    It must be a plain file of the user's or root's, and nobody else may be able to write it:
    otherwise anyone could run commands as the user.  A file that is not as it should be is
    ignored with a warning, and the mail goes into the mailbox.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from labctl.node.base import accounts
from labctl.node.base.accounts import Account
from labctl.node.base.privileges import acting_as
from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.delivery.agent import DeliveryFlag
from labctl.node.mta.lib.queue.dsn import Action, sent
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.lists.expansion import Expansion, Found
from labctl.node.mta.local.lists.members import Member, parse_lines
from labctl.node.mta.local.macros import expand as expand_macros
from labctl.node.mta.local.target import Source, Target


class ForwardFile(NamedTuple):
    """A .forward file that was found, and for whom."""

    path: str
    status: os.stat_result
    consumes_extension: bool


def expand(attempt: Attempt, target: Target) -> Found:
    """What the user's .forward file says; None leads on to the mailbox."""
    account = accounts.by_name(target.user)
    found = _find(attempt, target, account) if account else None
    if account is None or found is None:
        return None
    if attempt.delivery.request.flags & DeliveryFlag.VERIFY_MTA:
        return sent(f"forward via file: {found.path}")
    if not attempt.is_new("forward", found.path):
        # Its members are delivered to already; or we come from there, to the mailbox.
        done = attempt.has_seen("forwarded", found.path)
        return Expansion((), target) if done else None
    members = _members(attempt, account, found)
    if not members:
        return None
    return Expansion(members, _forwarded(attempt, target, account, found), Action.EXPANDED)


def finished(attempt: Attempt, target: Target) -> None:
    """All members of the user's file have been delivered to: do not do it again."""
    account = accounts.by_name(target.user)
    if account and (found := _find(attempt, target, account)):
        attempt.is_new("forwarded", found.path)


def _find(attempt: Attempt, target: Target, account: Account) -> ForwardFile | None:
    config = attempt.config
    allowed = config.text("forward_expansion_filter")
    for pattern in split_words(config.raw("forward_path") or ""):
        path = expand_macros(pattern, target, account, allowed=allowed)
        if not path.is_complete:
            continue
        try:
            with acting_as(account):
                return ForwardFile(path.text, os.lstat(path.text), path.used_extension)
        except OSError:
            continue
    return None


def _forwarded(
    attempt: Attempt, target: Target, account: Account, found: ForwardFile
) -> Target:
    spread = "forward" in attempt.config.words("propagate_unmatched_extensions")
    return target._replace(
        unmatched=target.unmatched if spread and not found.consumes_extension else None,
        expanded_from=target.local,
        source=Source.FORWARD,
        rights=account,
        # Other users get a message of their own, with our user in its Delivered-To: that is
        # how two users who forward to each other are found out.
        owner=target.user,
    )


def _members(attempt: Attempt, account: Account, found: ForwardFile) -> list[Member]:
    if complaint := _complaint(found, account):
        attempt.warn(f"file {found.path} {complaint}")
        return []
    try:
        with acting_as(account), open(found.path, errors="surrogateescape") as lines:
            return parse_lines(lines)
    except OSError as error:
        attempt.warn(f"cannot open file {found.path}: {os.strerror(error.errno or 0)}")
        return []


def _complaint(found: ForwardFile, account: Account) -> str:
    status = found.status
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if status.st_uid not in (0, account.uid):
        return f"has bad owner uid {status.st_uid}"
    return "is world writable" if status.st_mode & stat.S_IWOTH else ""
