"""Make, extend and thin out the file of an indexed table; readers see old or new, never half.

INPUT AND OUTPUT
    ``Update(kind, name, policy)`` collects entries and complaints; ``save()`` writes the file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.maps import indexed
from labctl.node.mta.lib.maps.source import Entry
from labctl.node.mta.lib.maps.table import Request

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config

INDEXED: Final = ("btree", "cdb", "hash", "lmdb")
INCREMENTAL: Final = ("btree", "hash", "lmdb")


class Policy(NamedTuple):
    """What the options of postmap(1) decide."""

    fold: bool = True
    replace: bool = False  # -r: a later entry wins, without a word
    silent: bool = False  # -w: the first entry wins, without a word
    inherit_mode: bool = True  # not -p


class Update:
    """The entries that a table is going to have."""

    def __init__(
        self, kind: str, name: str, policy: Policy, warn: Callable[[str], None]
    ) -> None:
        self.path = indexed.database_path(kind, name)
        labels = {"hash": self.path, "btree": self.path, "cdb": name}
        self._label = labels.get(kind, f"{kind}:{name}")
        self._policy, self._warn = policy, warn
        self.entries: dict[str, str] = {}

    def start_with_existing(self, kind: str, name: str, config: Config) -> None:
        """Keep what the file has now, if there is one."""
        if os.path.exists(self.path):
            self.entries = dict(indexed.open_table(Request(kind, name, config)).items())

    def add(self, key: str, value: str) -> None:
        """Add an entry; a second one for the same key is a duplicate."""
        key = key.lower() if self._policy.fold else key
        if key not in self.entries or self._policy.replace:
            self.entries[key] = value
        elif not self._policy.silent:
            self._warn(f'{self._label}: duplicate entry: "{key}"')

    def add_lines(self, entries: Iterable[Entry], source: str) -> None:
        """Add the entries of a source text, and complain about its other lines."""
        for entry in entries:
            if entry.complaint:
                self._warn(f"{source}, line {entry.line}: {entry.complaint}")
            if entry.value:
                self.add(entry.key, entry.value)

    def remove(self, key: str) -> bool:
        """Whether there was such an entry."""
        key = key.lower() if self._policy.fold else key
        return self.entries.pop(key, None) is not None

    def save(self, source: os.stat_result | None) -> None:
        """Write the file; a new one has the owner of the source, and is readable like it.

        One that is there already keeps its owner and mode, as if it were written in place.
        """
        mode, owner = 0o644, (os.geteuid(), os.getegid())
        old = existing(self.path)
        if old is not None:
            _refuse_foreign(self.path, old, source)
            mode, owner = stat.S_IMODE(old.st_mode), (old.st_uid, old.st_gid)
        elif source is not None:
            mode &= source.st_mode if self._policy.inherit_mode else mode
            owner = (source.st_uid, source.st_gid) if os.geteuid() == 0 else owner
        try:
            indexed.write(self.path, self.entries, mode=mode, owner=owner)
        except OSError as error:
            raise Fatal(f"open {self.path}: {error.strerror}") from error


def _refuse_foreign(path: str, old: os.stat_result, source: os.stat_result | None) -> None:
    """postmap(1) works as the owner of the source, who may not own the old file."""
    mine = source is None or source.st_uid in (0, old.st_uid) or old.st_mode & stat.S_IWOTH
    if os.geteuid() == 0 and not mine:
        raise Fatal(f"open {path}: {os.strerror(errno.EACCES)}")


def existing(path: str) -> os.stat_result | None:
    """Return who owns a file, for one that is written anew."""
    try:
        return os.stat(path)
    except OSError:
        return None
