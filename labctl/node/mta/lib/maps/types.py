"""Which module knows which table type, and lists of tables that are asked in order."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.address_parts import split_address, split_extension
from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.maps.indexed import database_path
from labctl.node.mta.lib.maps.table import Broken, MapError, Request, Table
from labctl.node.mta.lib.maps.watched import WatchedTable
from labctl.node.wire.addresses import external

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


LOOKUP_ERROR: Final = '{table} lookup error for "{key}"'


class Maps:
    """Tables in the order in which they are asked."""

    __slots__ = ("_complaint", "_names", "_warn", "name", "tables")

    def __init__(
        self,
        tables: tuple[Table, ...],
        name: str = "",
        *,
        names: tuple[str, ...] = (),
        warn: Callable[[str], None] = lambda text: None,
        complaint: str = LOOKUP_ERROR,
    ) -> None:
        self.tables = tables
        self.name = name
        self._names, self._warn, self._complaint = names, warn, complaint

    def __bool__(self) -> bool:
        return bool(self.tables)

    def lookup(self, key: str, *, partial: bool = False) -> str | None:
        """Return the first answer; `partial` keys are not for tables of patterns."""
        # An empty key matches nothing (postfix's maps_find does not ask tables for it).
        if not key:
            return None
        for table in self.tables:
            if partial and table.whole_keys_only:
                continue
            try:
                value = table.lookup(key)
            except MapError as error:
                self._complain(table, key, error)
                raise
            if value is not None:
                return value
        return None

    def _complain(self, table: Table, key: str, error: MapError) -> None:
        """Log why mail has to wait; the words are those that log readers look for."""
        name = dict(zip(self.tables, self._names, strict=False)).get(table, self.name)
        reason = str(error)
        if reason.startswith(name):
            self._warn(reason)
        # A whole header may be the key; the log has one line for it.
        self._warn(self._complaint.format(table=name, key=CONTROL.sub("?", key)))

    def lookup_address(
        self, address: str, config: Config, *, user_key: bool = True
    ) -> tuple[str, str] | None:
        """Return (value, unmatched extension) in the order of canonical(5) and virtual(5).

        user+ext@domain, user@domain, user+ext, user, @domain. The bare user is asked for only
        when the domain is ours: `user_key` says whether it is.
        """
        for key, extension, partial in address_keys(address, config, user_key=user_key):
            for form in _forms(key):
                value = self.lookup(form, partial=partial)
                if value is not None:
                    return value, extension
        return None


def _forms(key: str) -> Iterator[str]:
    """A key with quotes where they have to be, then, as older tables have it, without."""
    written = external(key) or '""'
    if not key.startswith("@") and written != key:
        yield written
    yield key


def address_keys(
    address: str, config: Config, *, user_key: bool
) -> Iterator[tuple[str, str, bool]]:
    """Yield (key, extension that the key leaves out, whether the key is a part)."""
    local, domain = split_address(address)
    user, extension = split_extension(
        local,
        config.text("recipient_delimiter"),
        owner_request_special=config.flag("owner_request_special"),
    )
    yield address, "", False
    if not domain:
        if extension:
            yield user, extension, True
        return
    if extension:
        yield f"{user}@{domain}", extension, True
    if user_key:
        yield local, "", True
        if extension:
            yield user, extension, True
    yield f"@{domain}", "", True


def maps_of(config: Config, name: str) -> Maps:
    """Open the lookup tables that the parameter names; a Config has them opened once."""
    tables: Maps = config.remember(
        "maps", name, lambda _: open_maps(config.text(name), config, name=name)
    )
    return tables


def open_maps(
    text: str, config: Config, *, name: str = "", complaint: str = LOOKUP_ERROR
) -> Maps:
    """Open every table of a list; one that does not open fails when it is asked."""
    words = tuple(split_words(text))
    substitution = name not in NO_SUBSTITUTION
    tables = tuple(_open_or_broken(word, config, substitution=substitution) for word in words)
    for warning in (warning for table in tables for warning in table.warnings):
        config.warn(warning)
    return Maps(tables, name, names=words, warn=config.warn, complaint=complaint)


def _open_or_broken(word: str, config: Config, *, substitution: bool) -> Table:
    kind, _, name = word.partition(":")
    try:
        if kind in FILES and name.startswith("/"):
            path = database_path(kind, name) if kind in INDEXED else name
            return WatchedTable(
                path, lambda: open_table(word, config, substitution=substitution)
            )
        return open_table(word, config, substitution=substitution)
    except Fatal as problem:
        reason = str(problem)
    # A process opens a table once, however many parameters name it.
    config.remember("broken table", word, lambda _: config.error(reason))
    return Broken(word, reason)


def open_table(
    table: str, config: Config, *, fold: bool = True, substitution: bool = True
) -> Table:
    """Open one table; a name without a type is of default_database_type."""
    kind, colon, name = table.partition(":")
    if not colon:
        kind, name = config.text("default_database_type"), table
    if not name:
        raise Fatal(f'open dictionary: expecting "type:name" form instead of "{table}"')
    module = TYPES.get(kind)
    if module is None:
        raise Fatal(f"unsupported dictionary type: {kind}")
    opened: Table = importlib.import_module(module).open_table(
        Request(kind, name, config, fold, substitution)
    )
    return opened


# pcre_table(5), SECURITY: where a result names a program, a file or a user, it must not be
# made of what is looked up.
NO_SUBSTITUTION: Final = frozenset(
    (
        "alias_maps",
        "fallback_transport_maps",
        "mailbox_command_maps",
        "mailbox_transport_maps",
        "sender_dependent_default_transport_maps",
        "transport_maps",
        "virtual_gid_maps",
        "virtual_mailbox_maps",
        "virtual_uid_maps",
    )
)
INDEXED: Final = ("btree", "cdb", "hash", "lmdb")
FILES: Final = (*INDEXED, "cidr", "pcre", "regexp", "texthash")
_HERE: Final = "labctl.node.mta.lib.maps"
TYPES: Final[Mapping[str, str]] = {
    "btree": f"{_HERE}.indexed",
    "cdb": f"{_HERE}.indexed",
    "cidr": f"{_HERE}.patterns.cidr",
    "environ": f"{_HERE}.environ",
    "fail": f"{_HERE}.fail",
    "hash": f"{_HERE}.indexed",
    "inline": f"{_HERE}.inline",
    "lmdb": f"{_HERE}.indexed",
    "nis": f"{_HERE}.nis",
    "pcre": f"{_HERE}.patterns.regexp",
    "pipemap": f"{_HERE}.combined",
    "proxy": f"{_HERE}.proxy",
    "randmap": f"{_HERE}.randmap",
    "regexp": f"{_HERE}.patterns.regexp",
    "socketmap": f"{_HERE}.socketmap",
    "sqlite": f"{_HERE}.sqlite",
    "static": f"{_HERE}.static",
    "tcp": f"{_HERE}.tcp",
    "texthash": f"{_HERE}.texthash",
    "unionmap": f"{_HERE}.combined",
    "unix": f"{_HERE}.unix",
}

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

__all__ = ["TYPES", "MapError", "Maps", "maps_of", "open_maps", "open_table"]
