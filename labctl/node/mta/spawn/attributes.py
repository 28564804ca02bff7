"""What master.cf says about a service of spawn(8): user=NAME[:GROUP] argv=COMMAND ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.service_account import service_account


class Attributes(NamedTuple):
    """What master.cf says of a service of spawn(8)."""

    account: Account
    argv: tuple[str, ...]


def read(arguments: Sequence[str], config: Config) -> Attributes:
    """argv= comes last: what follows it belongs to the command."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "argv" and equals:
            user = _value(arguments[:index], "user")
            return Attributes(service_account(user, config), (value, *arguments[index + 1 :]))
        if name != "user":
            raise Fatal(f"get_service_attr: unknown attribute: {argument}")
    raise Fatal("missing argv= command-line attribute")


def _value(arguments: Sequence[str], name: str) -> str:
    values = [each.partition("=")[2] for each in arguments if each.startswith(f"{name}=")]
    if not values:
        raise Fatal(f"missing {name}= command-line attribute")
    return values[-1]
