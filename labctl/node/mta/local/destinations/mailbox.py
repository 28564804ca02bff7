"""Where mail for a user with an account goes, of all that main.cf can say about that.

THE ORDER, local(8)
    mailbox_transport_maps, mailbox_transport, (is there such a user?), mailbox_command_maps,
    mailbox_command, home_mailbox, mail_spool_directory.
"""

from __future__ import annotations

from labctl.node.base import accounts
from labctl.node.base.accounts import Account
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.maps.table import MapError
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.destinations.commands import run_command
from labctl.node.mta.local.destinations.handover import hand_over
from labctl.node.mta.local.destinations.spool import append_to_mailbox, write_to_maildir
from labctl.node.mta.local.target import Target


def deliver_to_mailbox(attempt: Attempt, target: Target) -> bool | None:
    """True or False as ``conclude()`` has it; None when there is no such user."""
    if not attempt.is_new("mailbox", target.local):
        return True
    try:
        if transport := _by_user(attempt, "mailbox_transport", target.user):
            return hand_over(attempt, target, transport)
        account = accounts.by_name(target.user)
        if account is None:
            return None
        command = _command(attempt, target.user)
    except MapError as error:
        attempt.warn(str(error))
        return attempt.conclude(target, deferred("table lookup failure"))
    status = _deliver(attempt, target._replace(rights=account), account, command)
    return status is None or attempt.conclude(target, status)


def _deliver(
    attempt: Attempt, target: Target, account: Account, command: str
) -> DeliveryStatus | None:
    if command:
        return run_command(attempt, target, command)
    if directory := _maildir(attempt, target.user, account):
        return write_to_maildir(attempt, target, account, directory)
    return append_to_mailbox(attempt, target, account)


def _maildir(attempt: Attempt, user: str, account: Account) -> str:
    """The user's Maildir; "" where mailboxes are mbox files."""
    if home_mailbox := attempt.config.text("home_mailbox"):
        return f"{account.home}/{home_mailbox}" if home_mailbox.endswith("/") else ""
    spool = attempt.config.text("mail_spool_directory")
    return f"{spool}{user}/" if spool.endswith("/") else ""


def _command(attempt: Attempt, user: str) -> str:
    # postconf(5) mailbox_command: not subject to $name expansion, the shell has its own.
    command = maps_of(attempt.config, "mailbox_command_maps").lookup(user)
    return command or attempt.config.raw("mailbox_command") or ""


def _by_user(attempt: Attempt, name: str, user: str) -> str:
    return maps_of(attempt.config, f"{name}_maps").lookup(user) or attempt.config.text(name)
