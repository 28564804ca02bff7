"""/path and ~/path in aliases and .forward files: append to a file, or write to a Maildir."""

from __future__ import annotations

from labctl.node.base.accounts import Account
from labctl.node.base.privileges import acting_as
from labctl.node.mta.lib.delivery.mailbox_outcome import lock_policy, outcome
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, failed, sent
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.destinations.spool import (
    DEFAULT_FAILURE,
    copy_for,
    fields,
    write_to_maildir,
)
from labctl.node.mta.local.lists.expansion import misconfigured
from labctl.node.mta.local.target import Target
from labctl.node.store.mbox import delivery as mbox_delivery
from labctl.node.store.mbox.delivery import CannotDeliver, Executable, Options


def deliver_to_file(attempt: Attempt, target: Target, path: str) -> DeliveryStatus | None:
    """Append to the file; None when the same owner's file has had the message."""
    account = target.rights or attempt.tools.nobody
    if not attempt.is_new("file", f"{account.uid} {path}"):
        return None
    # postconf(5) allow_mail_to_files
    if target.source not in attempt.config.words("allow_mail_to_files"):
        return failed("mail to file is restricted", "5.7.1")
    if attempt.verify_only:
        return sent(f"delivers to file: {path}")
    if path.endswith("/"):
        return write_to_maildir(attempt, target, account, path)
    return _append(attempt, target, account, path)


def deliver_to_home_file(attempt: Attempt, target: Target, path: str) -> DeliveryStatus | None:
    """~/file: a file in the home directory of whoever wrote it."""
    if not path.startswith("~/"):
        attempt.warn(f"bad home directory syntax for: {path}")
        return misconfigured()
    if target.rights is None:
        attempt.warn(f"unknown home directory for: {path}")
        return misconfigured()
    home = target.rights.home.rstrip("/")
    return deliver_to_file(attempt, target, home + path[1:])


def _append(attempt: Attempt, target: Target, account: Account, path: str) -> DeliveryStatus:
    config = attempt.config
    data = copy_for(attempt, target).for_mbox(attempt.content, fields(config, "file"))
    options = Options(
        lock=lock_policy(config, "mailbox_delivery_lock"),
        size_limit=config.number("mailbox_size_limit"),
        # A file may stand in a directory where its owner must not make others.
        forgive_dotlock=attempt.warn,
        only_regular=False,
        refuse_executable=True,
    )
    prefix = f"cannot append message to file {path}: "
    try:
        with acting_as(account):
            mbox_delivery.append(path, data, options)
    except Executable as failure:
        return failed(prefix + failure.reason, "5.7.1")
    except CannotDeliver as failure:
        return outcome(failure, DEFAULT_FAILURE, prefix)
    return sent(f"delivered to file: {path}")
