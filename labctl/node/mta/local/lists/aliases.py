"""aliases(5): look a name up, and say as whom and on whose behalf its members are delivered.

WHOSE RIGHTS
    An alias file of root's gives no rights: files and commands are used as default_privs.
    Any other alias file gives those of its owner.

WHO IS TOLD
    With an alias owner-NAME the list has a sender of its own: problems go there, and the
    members get a message of their own, so that one bad member does not keep the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from labctl.node.base import accounts
from labctl.node.base.accounts import Account
from labctl.node.mta.lib.delivery.agent import DeliveryFlag
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.maps.table import MapError, Table
from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus, deferred, failed, sent
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.lists.expansion import Expansion, Found
from labctl.node.mta.local.lists.members import parse
from labctl.node.mta.local.target import Source, Target

# Addresses inside of addresses.  Postfix counts calls, six for each of them, and stops at 100.
DEEPEST: Final = 16


def expand(attempt: Attempt, target: Target, name: str) -> Found:
    """The members of the alias, if there is one of this name."""
    if not name or target.expanded_from.lower() == name.lower():
        # aliases(5): a name in its own alias is the user, not the alias again.
        return None
    if target.level > DEEPEST:
        attempt.warn(f"alias database loop for {name}")
        return failed(f"alias database loop for {name}", "5.4.6")
    try:
        return _expand(attempt, target._replace(expanded_from=name), name)
    except MapError as error:
        attempt.warn(str(error))
        return deferred("alias database unavailable")


def list_owner(attempt: Attempt, name: str) -> str:
    """Who is told of problems with the alias ``name``; "" when nobody was named."""
    # postconf(5) owner_request_special
    if not attempt.config.flag("owner_request_special"):
        return ""
    owner = f"owner-{name}"
    members = maps_of(attempt.config, "alias_maps").lookup(owner)
    if members is None:
        return ""
    chosen = members if attempt.config.flag("expand_owner_alias") else owner
    return attempt.tools.canonical(chosen)


def _expand(attempt: Attempt, target: Target, name: str) -> Found:
    for spelling, table in _tables(attempt):
        members = table.lookup(name)
        if members is None:
            continue
        if attempt.delivery.request.flags & DeliveryFlag.VERIFY_MTA:
            return sent(f"aliased to {members}")
        rights = _rights(attempt, spelling)
        if isinstance(rights, DeliveryStatus):
            return rights
        target = target._replace(source=Source.ALIAS, rights=rights)
        return _on_behalf(attempt, target, name, members)
    return None


def _tables(attempt: Attempt) -> Iterator[tuple[str, Table]]:
    spellings = attempt.config.words("alias_maps")
    return zip(spellings, maps_of(attempt.config, "alias_maps").tables, strict=True)


def _on_behalf(attempt: Attempt, target: Target, name: str, members: str) -> Expansion:
    owner = list_owner(attempt, name)
    if owner:
        return Expansion(parse(members), target.of_list(owner), Action.DELIVERED)
    if attempt.config.flag("reset_owner_alias"):
        target = target._replace(owner=None)
    return Expansion(parse(members), target, Action.EXPANDED)


def _rights(attempt: Attempt, spelling: str) -> Account | DeliveryStatus | None:
    uid = _owner_of(spelling)
    if uid == 0:
        return None
    account = accounts.by_uid(uid)
    if account is None:
        attempt.warn(f"cannot find alias database owner for {spelling}")
        return deferred("cannot find alias database owner")
    return account


def _owner_of(spelling: str) -> int:
    """Who owns the file of a table; what has no file is written in main.cf, by root."""
    _, _, path = spelling.removeprefix("proxy:").partition(":")
    for candidate in (f"{path}.db", f"{path}.lmdb", f"{path}.cdb", path):
        try:
            return os.stat(candidate).st_uid
        except OSError:
            continue
    return 0
