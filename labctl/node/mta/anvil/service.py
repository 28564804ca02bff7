"""anvil(8): answers how many connections a client has, and how often it did what.

A process of smtpd that dies takes its connections with it: when its line to us ends, what it
had not disconnected is disconnected here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from labctl.node.base import clock
from labctl.node.mta.anvil.counts import EVENTS, Counts
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_connections

CLEAN_AFTER = 1000  # records


@dataclass
class Service:
    """The counters, and which line reported which connections."""

    counts: Counts
    open: dict[int, Counter[str]] = field(default_factory=dict)

    def answer(self, line: int, request: Mapping[str, str]) -> dict[str, str]:
        """One request of one line."""
        kind, ident = request.get("request", ""), request.get("ident", "")
        now = clock.monotonic()
        if kind == "connect":
            self.open.setdefault(line, Counter())[ident] += 1
            count, rate = self.counts.connect(ident, now)
            return {"status": "0", "count": str(count), "rate": str(rate)}
        if kind == "disconnect":
            self.open.setdefault(line, Counter())[ident] -= 1
            self.counts.disconnect(ident, now)
            self._clean(now)
            return {"status": "0"}
        if kind in EVENTS:
            return {"status": "0", "rate": str(self.counts.event(ident, kind, now))}
        return {"status": "-1"}

    def line_ended(self, line: int) -> None:
        """What the line's process had open is closed."""
        for ident, number in self.open.pop(line, Counter[str]()).items():
            for _ in range(number):
                self.counts.disconnect(ident, clock.monotonic())

    def _clean(self, now: float) -> None:
        if len(self.counts.records) > CLEAN_AFTER:
            self.counts.forget_idle(now)


def serve(context: ServiceContext) -> None:
    """Serve the processes of smtpd."""
    unit = float(context.config.seconds("anvil_rate_time_unit"))
    service = Service(Counts(unit))
    serve_connections(context, service.answer, service.line_ended)
