"""The mailbox of a user with an account: /var/mail/USER, or a file in the home directory.

AS WHOM
    Below the home directory, everything is done as the user.  In the spool directory, as the
    user too where everybody may write there; as the user with the directory's group where
    the group may (Debian's 2775 root:mail); else as root, and a new mailbox is given away.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from labctl.node.base import clock
from labctl.node.base.accounts import Account
from labctl.node.base.privileges import acting_as
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.mail_copy import ALL_FIELDS, Copy, Field, original_of
from labctl.node.mta.lib.delivery.mailbox_outcome import by_class, lock_policy, outcome
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, sent
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.destinations import biff
from labctl.node.mta.local.target import Target
from labctl.node.store import maildir_delivery
from labctl.node.store.mbox import delivery as mbox_delivery
from labctl.node.store.mbox.delivery import CannotDeliver, NotOwned, NotRegular, Options

DEFAULT_FAILURE = "5.2.0"


class _Identity(NamedTuple):
    """Who opens the mailbox, and to whom it is given when it is new."""

    account: Account
    new_owner: tuple[int, int] | None = None


def append_to_mailbox(attempt: Attempt, target: Target, account: Account) -> DeliveryStatus:
    """Append to the user's mbox, wherever main.cf has it."""
    if attempt.verify_only:
        return sent("delivers to mailbox")
    path, directory = _place(attempt.config, target.user, account)
    identity = _identity(directory, account)
    data = copy_for(attempt, target).for_mbox(attempt.content, fields(attempt.config, "file"))
    options = _options(attempt.config, account)._replace(new_owner=identity.new_owner)
    try:
        with acting_as(identity.account):
            mbox_delivery.append(path, data, options)
    except CannotDeliver as failure:
        prefix = f"cannot update mailbox {path} for user {target.user}. "
        return _failed(attempt, failure, prefix)
    if attempt.config.flag("biff"):
        biff.notify(target.user, path, len(data))
    return sent("delivered to mailbox")


def write_to_maildir(
    attempt: Attempt, target: Target, account: Account, path: str
) -> DeliveryStatus:
    """Write a new file in a Maildir, as the account."""
    if attempt.verify_only:
        return sent("delivers to maildir")
    copy = copy_for(attempt, target)
    data = copy.for_maildir(attempt.content, fields(attempt.config, "file"))
    try:
        with acting_as(account):
            maildir_delivery.deliver(path, data, copy.when)
    except CannotDeliver as failure:
        if failure.errno == errno.EACCES:
            who = f"{account.uid}/{account.gid}"
            attempt.warn(f"maildir access problem for UID/GID={who}: {failure.reason}")
            attempt.warn("perhaps you need to create the maildirs in advance")
        return outcome(failure, DEFAULT_FAILURE, "maildir delivery failed: ")
    return sent("delivered to maildir")


def copy_for(attempt: Attempt, target: Target) -> Copy:
    """What this recipient's copy begins with."""
    # postconf(5) frozen_delivered_to: aliases do not change the address that is shown.
    frozen = attempt.config.flag("frozen_delivered_to")
    delivered = target.delivered if frozen else target.rcpt.address
    original = original_of(attempt.config, target.rcpt)
    return Copy(target.sender, original, delivered, clock.now())


def fields(config: Config, kind: str) -> Field:
    """postconf(5) prepend_delivered_header: "command", "file", "forward"."""
    if kind in config.words("prepend_delivered_header"):
        return ALL_FIELDS
    return ALL_FIELDS & ~Field.DELIVERED_TO


def _place(config: Config, user: str, account: Account) -> tuple[str, str]:
    """The path of the mailbox, and the spool directory that it is in, if it is in one."""
    if home_mailbox := config.text("home_mailbox"):
        return f"{account.home}/{home_mailbox}", ""
    directory = config.text("mail_spool_directory")
    return f"{directory.rstrip('/')}/{user}", directory


def _identity(directory: str, account: Account) -> _Identity:
    try:
        status = os.stat(directory)
    except OSError:
        return _Identity(account)
    if status.st_mode & stat.S_IWOTH:
        return _Identity(account)
    if status.st_mode & stat.S_IWGRP:
        return _Identity(account._replace(gid=status.st_gid, groups=(status.st_gid,)))
    return _Identity(ROOT, (account.uid, account.gid))


def _options(config: Config, account: Account) -> Options:
    return Options(
        lock=lock_policy(config, "mailbox_delivery_lock"),
        size_limit=config.number("mailbox_size_limit"),
        must_belong_to=account.uid if config.flag("strict_mailbox_ownership") else None,
    )


def _failed(attempt: Attempt, failure: CannotDeliver, prefix: str) -> DeliveryStatus:
    if isinstance(failure, NotOwned):
        advice = 'specify "strict_mailbox_ownership = no" to ignore mailbox ownership mismatch'
        attempt.warn(advice)
        return by_class("4.2.0", prefix + failure.reason)
    if isinstance(failure, NotRegular):
        return by_class("5.2.0", prefix + failure.reason)
    return outcome(failure, DEFAULT_FAILURE, prefix)


ROOT = Account("root", 0, 0, "/root", "/bin/sh", "", (0,))
