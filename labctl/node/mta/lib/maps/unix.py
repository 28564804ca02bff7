"""unix:passwd.byname and unix:group.byname: the accounts of this machine, never cached."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps.table import Request


class UnixTable:
    """A system database; the answer is its line, without the password."""

    whole_keys_only = False
    warnings: Sequence[str] = ()

    def __init__(self, find: Callable[[str], str]) -> None:
        self._find = find

    def lookup(self, key: str) -> str | None:
        """Return the line of an account or a group."""
        try:
            return self._find(key.lower())
        except (KeyError, ValueError):
            return None

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: a directory service may hold millions."""
        yield from ()


def open_table(request: Request) -> UnixTable:
    """Open one of the two databases."""
    if request.name not in DATABASES:
        raise Fatal(f"unknown table: {request.table}")
    return UnixTable(DATABASES[request.name])


def _account(name: str) -> str:
    entry = pwd.getpwnam(name)
    numbers = f"{entry.pw_uid}:{entry.pw_gid}"
    return f"{entry.pw_name}:x:{numbers}:{entry.pw_gecos}:{entry.pw_dir}:{entry.pw_shell}"


def _group(name: str) -> str:
    entry = grp.getgrnam(name)
    return f"{entry.gr_name}:x:{entry.gr_gid}:{','.join(entry.gr_mem)}"


DATABASES: Final[Mapping[str, Callable[[str], str]]] = {
    "passwd.byname": _account,
    "group.byname": _group,
}
