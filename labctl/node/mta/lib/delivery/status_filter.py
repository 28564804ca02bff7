"""smtp_delivery_status_filter and its kin: a table that changes what a status means.

INPUT AND OUTPUT
    ``StatusFilter.of(config, program, warn)``; ``.change(status)`` looks up "4.2.1 reason" and
    takes "5.2.1 other reason" instead.  Success and failure cannot be exchanged; temporary and
    permanent failures can: postconf(5) default_delivery_status_filter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import Maps, maps_of
from labctl.node.mta.lib.queue.dsn import STATUS, Action, DeliveryStatus


class StatusFilter(NamedTuple):
    """The table of one program."""

    parameter: str
    maps: Maps
    warn: Callable[[str], None]

    @classmethod
    def of(cls, config: Config, program: str, warn: Callable[[str], None]) -> StatusFilter:
        own = f"{program}_delivery_status_filter"
        name = own if program in PROGRAMS else "default_delivery_status_filter"
        return cls(name, maps_of(config, name), warn)

    def change(self, status: DeliveryStatus) -> DeliveryStatus:
        """The status that the table wants, or the same where it has nothing sensible."""
        if not self.maps:
            return status
        found = self.maps.lookup(f"{status.status} {status.reason}")
        if found is None:
            return status
        match = STATUS.match(found)
        if match is None or status.is_success != match[1].startswith("2"):
            self.warn(f"{self.parameter}: bad status code: {found}")
            return status
        action = status.action
        if not status.is_success:
            action = Action.DELAYED if match[1].startswith("4") else Action.FAILED
        reason = found[match.end() :].strip() or status.reason
        return status._replace(status=match[1], action=action, reason=reason)


PROGRAMS: Final = ("lmtp", "local", "pipe", "smtp", "virtual")
