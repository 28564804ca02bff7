"""What probes have found out, and for how long it holds; without I/O.

STATES
    unknown --query--> probed --update--> known; an entry older than its refresh time is
    probed again while its answer still holds, one older than its expiry time is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.mta.lib.services.verify import Known, Status

# A probe that has not come back after so long is sent again.
PROBE_TIMEOUT: Final = 1000.0
IN_PROGRESS: Final = Known(Status.TODO, "Address verification in progress")


class Lifetimes(NamedTuple):
    """postconf(5) address_verify_{positive,negative}_{refresh,expire}_time."""

    refresh: float
    expire: float


@dataclass(slots=True)
class Entry:
    """One address."""

    known: Known
    updated: float = 0.0
    probed: float | None = None  # when the probe that is still out was sent


@dataclass(slots=True)
class Cache:
    """All addresses."""

    positive: Lifetimes
    negative: Lifetimes
    keep_negative: bool = True  # postconf(5) address_verify_negative_cache
    entries: dict[str, Entry] = field(default_factory=dict)

    def query(self, address: str, now: float) -> tuple[Known, bool]:
        """What is known, and whether a probe must be sent."""
        entry = self.entries.get(address)
        if entry is not None and self._is_expired(entry, now):
            entry.known = IN_PROGRESS
        if entry is None:
            entry = self.entries[address] = Entry(IN_PROGRESS)
        needed = self._wants_probe(entry, now)
        if needed:
            entry.probed = now
        return entry.known, needed

    def update(self, address: str, known: Known, now: float) -> None:
        """A probe has come back."""
        # Who waits for it goes on waiting: postconf(5) address_verify_negative_cache.
        if known.status is not Status.OK and not self.keep_negative:
            return
        self.entries[address] = Entry(known, now)

    def forget_expired(self, now: float) -> None:
        """Drop what nobody may be told any more, and whose probe was lost."""
        self.entries = {
            address: entry
            for address, entry in self.entries.items()
            if not self._is_expired(entry, now) or now - (entry.probed or 0.0) < PROBE_TIMEOUT
        }

    def _lifetimes(self, entry: Entry) -> Lifetimes:
        return self.positive if entry.known.status is Status.OK else self.negative

    def _is_expired(self, entry: Entry, now: float) -> bool:
        if entry.known.status is Status.TODO:
            return False
        return now - entry.updated > self._lifetimes(entry).expire

    def _wants_probe(self, entry: Entry, now: float) -> bool:
        if entry.probed is not None and now - entry.probed < PROBE_TIMEOUT:
            return False
        if entry.known.status is Status.TODO:
            return True
        return now - entry.updated > self._lifetimes(entry).refresh
