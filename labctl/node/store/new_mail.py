"""A message on its way into a mailbox, by APPEND or COPY."""

from __future__ import annotations

from typing import NamedTuple

from labctl.node.base import clock
from labctl.node.store.from_line import Moment, ctime, local_zone, zone_seconds


class NewMail(NamedTuple):
    """A message, and what is to be known of it."""

    content: bytes  # any line endings
    from_line: bytes  # its date is the INTERNALDATE
    flags: int
    keywords: tuple[str, ...] = ()
    old: bool = False  # a copy of what somebody has seen already


def new_from_line(user: str, host: str, when: Moment | None) -> bytes:
    """The From_ line of a message that a client brings; the zone keeps its INTERNALDATE."""
    now = clock.now()
    moment = when or Moment(int(now), local_zone(now))
    local = moment.epoch + zone_seconds(moment.zone)
    date = ctime(local - zone_seconds(local_zone(local)))
    return f"From {user}@{host} {date} {moment.zone}\n".encode()
