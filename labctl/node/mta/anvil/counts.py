"""The counters of anvil(8), without I/O.

STATES
    A client is remembered while it is connected, and for one time unit after its last event.

INPUT AND OUTPUT
    ``Counts(unit)``; every method takes the time as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

EVENTS: Final = ("message", "recipient", "newtls", "auth")


@dataclass(slots=True)
class Record:
    """One client of one service."""

    since: float
    connections: int = 0
    events: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """All clients; ``unit`` is postconf(5) anvil_rate_time_unit."""

    unit: float
    records: dict[str, Record] = field(default_factory=dict)

    def connect(self, ident: str, now: float) -> tuple[int, int]:
        """A new connection: (simultaneous, within the time unit)."""
        record = self._record(ident, now)
        record.connections += 1
        return record.connections, self._count(record, "connect")

    def disconnect(self, ident: str, now: float) -> None:
        """A connection is over."""
        record = self.records.get(ident)
        if record is not None:
            record.connections = max(record.connections - 1, 0)

    def event(self, ident: str, event: str, now: float) -> int:
        """How often it happened within the time unit, this time included."""
        return self._count(self._record(ident, now), event)

    def forget_idle(self, now: float) -> None:
        """Drop the clients of whom nothing is worth knowing any more."""
        self.records = {
            ident: record
            for ident, record in self.records.items()
            if record.connections or now - record.since <= self.unit
        }

    def _record(self, ident: str, now: float) -> Record:
        record = self.records.setdefault(ident, Record(now))
        # The unit begins with the first event, and all counters begin anew with it.
        if now - record.since >= self.unit:
            record.since, record.events = now, {}
        return record

    def _count(self, record: Record, event: str) -> int:
        record.events[event] = record.events.get(event, 0) + 1
        return record.events[event]
