"""The user= of a service in master.cf, for pipe(8) and spawn(8): NAME or NAME:GROUP.

SECURITY
    A command outside of the mail system runs with these rights: they are neither those of
    root nor those of the owner of the queue, and what would give them is ``Fatal``.
"""

from __future__ import annotations

from labctl.node.base import accounts
from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config


def service_account(text: str, config: Config) -> Account:
    """Who NAME or NAME:GROUP is; whoever it is, not root and not the mail system."""
    name, colon, group = text.partition(":")
    account = accounts.by_name(name)
    if account is None:
        raise Fatal(f"get_service_attr: unknown username: {name}")
    if colon:
        account = _in_group(account, group)
    if reason := _too_mighty(account, accounts.by_name(config.text("mail_owner"))):
        raise Fatal(f"user= command-line attribute specifies {reason}")
    return account


def _in_group(account: Account, name: str) -> Account:
    group = accounts.group_by_name(name)
    if group is None:
        raise Fatal(f"get_service_attr: unknown group: {name}")
    return account._replace(gid=group.gid, groups=(group.gid,))


def _too_mighty(account: Account, owner: Account | None) -> str:
    if account.uid == 0:
        return "root privileges"
    if account.gid == 0:
        return "privileged group id 0"
    if owner and account.uid == owner.uid:
        return f"mail system owner {owner.name}"
    if owner and account.gid == owner.gid:
        return f"mail system owner {owner.name} group id {owner.gid}"
    return ""
