"""The file of verify(8): postconf(5) address_verify_map, in the form of Postfix.

INPUT AND OUTPUT
    ``Store(config, log)``: ``load()`` gives the entries of the last process, ``save()`` writes
    those of now.  A value is ``status:probed:updated:text``, as `postmap -q` shows it.

WHY WRITTEN WHOLE
    A probe is a message of its own; beside that, writing a small table is nothing.

FAILURES
    Without its file verify(8) works as long as its process lives, and says so once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import indexed
from labctl.node.mta.lib.maps.build import INCREMENTAL
from labctl.node.mta.lib.maps.table import Request
from labctl.node.mta.lib.services.verify import Known, Status
from labctl.node.mta.verify.cache import Entry


class Store:
    """One table in a file, or none when address_verify_map is empty."""

    def __init__(self, config: Config, log: Log) -> None:
        self._config, self._log = config, log
        kind, _, name = config.text("address_verify_map").removeprefix("proxy:").partition(":")
        self._kind, self._name = kind, name
        if kind and kind not in INCREMENTAL:
            log.warning(f"address_verify_map: {kind}:{name} cannot be written to")
            self._kind = ""

    def load(self) -> dict[str, Entry]:
        """What the last process knew; nothing if that cannot be read."""
        path = indexed.database_path(self._kind, self._name)
        if not self._kind or not os.path.exists(path):
            return {}
        try:
            table = indexed.open_table(Request(self._kind, self._name, self._config))
        except Fatal as error:
            self._log.warning(str(error))
            return {}
        read = ((address, decode(value)) for address, value in table.items())
        return {address: entry for address, entry in read if entry is not None}

    def save(self, entries: Mapping[str, Entry]) -> None:
        """Keep what is known for the next process."""
        if not self._kind:
            return
        path = indexed.database_path(self._kind, self._name)
        owner = (os.geteuid(), os.getegid())
        try:
            values = {address: encode(entry) for address, entry in entries.items()}
            indexed.write(path, values, mode=0o600, owner=owner)
        except OSError as error:
            self._log.warning(f"close database {path}: {error.strerror}")
            self._kind = ""


def encode(entry: Entry) -> str:
    """``0:1700000000:1700000000:250 Ok``."""
    status = STATUSES.index(entry.known.status)
    return f"{status}:{int(entry.probed or 0)}:{int(entry.updated)}:{entry.known.text}"


def decode(value: str) -> Entry | None:
    """The other way round; None for what somebody else has written."""
    match = VALUE.fullmatch(value)
    if match is None:
        return None
    known = Known(STATUSES[int(match["status"])], match["text"])
    return Entry(known, float(match["updated"]), float(match["probed"]) or None)


VALUE: Final = re.compile(
    r"(?P<status>[0-3]):(?P<probed>\d+):(?P<updated>\d+):(?P<text>.*)", re.DOTALL
)
# In the order of their numbers in the file.
STATUSES: Final = (Status.OK, Status.DEFER, Status.BOUNCE, Status.TODO)
