"""What master.cf says about a service of spawn(8): user=NAME[:GROUP] argv=COMMAND ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labctl.node.base import accounts
from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.main_cf import Config


class Attributes(NamedTuple):
    account: Account
    argv: tuple[str, ...]


def read(arguments: Sequence[str], config: Config) -> Attributes:
    """argv= comes last: what follows it belongs to the command."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "argv" and equals:
            user = _value(arguments[:index], "user")
            return Attributes(_account(user, config), (value, *arguments[index + 1 :]))
        if name != "user":
            raise Fatal(f"get_service_attr: unknown attribute: {argument}")
    raise Fatal("missing argv= command-line attribute")


def _value(arguments: Sequence[str], name: str) -> str:
    values = [each.partition("=")[2] for each in arguments if each.startswith(f"{name}=")]
    if not values:
        raise Fatal(f"missing {name}= command-line attribute")
    return values[-1]


def _account(text: str, config: Config) -> Account:
    """Whoever it is, not root, and not the owner of the queue."""
    name, colon, group_name = text.partition(":")
    account = accounts.by_name(name)
    if account is None:
        raise Fatal(f"get_service_attr: unknown username: {name}")
    if colon:
        account = _in_group(account, group_name)
    owner = accounts.by_name(config.text("mail_owner"))
    if account.uid == 0:
        raise Fatal("user= command-line attribute specifies root privileges")
    if owner and account.uid == owner.uid:
        raise Fatal(f"user= command-line attribute specifies mail system owner {owner.name}")
    return account


def _in_group(account: Account, name: str) -> Account:
    group = accounts.group_by_name(name)
    if group is None:
        raise Fatal(f"get_service_attr: unknown group: {name}")
    return account._replace(gid=group.gid, groups=(group.gid,))
