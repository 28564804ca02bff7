"""unix:passwd.byname and unix:group.byname: the accounts of this machine as they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base import accounts
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.table import Request


class UnixTable:
    """A system database; the answer is its line, without the password."""

    whole_keys_only = False
    warnings: Sequence[str] = ()

    def __init__(self, find: Callable[[str], str | None]) -> None:
        self._find = find

    def lookup(self, key: str) -> str | None:
        """Return the line of an account or a group."""
        return self._find(key.lower())

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: a directory service may hold millions."""
        yield from ()


def open_table(request: Request) -> UnixTable:
    """Open one of the two databases."""
    if request.name not in DATABASES:
        raise Fatal(f"unknown table: {request.table}")
    return UnixTable(DATABASES[request.name])


def _account(name: str) -> str | None:
    account = accounts.by_name(name)
    if account is None:
        return None
    name, uid, gid, home, shell, gecos, _groups = account
    return f"{name}:x:{uid}:{gid}:{gecos}:{home}:{shell}"


def _group(name: str) -> str | None:
    group = accounts.group_by_name(name)
    return group and f"{group.name}:x:{group.gid}:{','.join(group.members)}"


DATABASES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "passwd.byname": _account,
    "group.byname": _group,
}
