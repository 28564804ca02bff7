"""/etc/inittab: which services a node runs, in which order, and when each is ready.

    postmap1:wait::postmap hash:/etc/postfix/transport
    named:respawn:dns=198.18.0.2:53/beauvelo.fr:named -c /etc/named.conf

WHY A PATTERN
    The third field contains colons, and so may the command.  What belongs to the third is what
    has the form of a probe.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple


class Action(Enum):
    """Whether the next service waits for the end of this one."""

    WAIT = "wait"  # run once; the next service starts when it has ended
    RESPAWN = "respawn"  # always there


class Probe(NamedTuple):
    """Where a service must answer before it counts as ready."""

    kind: str  # smtp, pop3, imap, tcp, dns, unix
    address: str  # or a path
    port: int = 0
    expect: str = ""  # the zone, for dns

    def __str__(self) -> str:
        where = f"{self.address}:{self.port}" if self.port else self.address
        return f"{self.kind}={where}" + (f"/{self.expect}" if self.expect else "")


class Entry(NamedTuple):
    """One line of /etc/inittab."""

    name: str
    action: Action
    probes: tuple[Probe, ...]
    argv: tuple[str, ...]


class BadInittab(Exception):
    """A line that cannot be read, with its number."""


def parse(text: str) -> list[Entry]:
    """All entries, in order; comments and empty lines are skipped."""
    return list(_entries(text))


def _entries(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise BadInittab(f"/etc/inittab:{number}: not name:wait|respawn:probes:command")
        probes = tuple(_probe(each) for each in filter(None, match["probes"].split(",")))
        argv = tuple(shlex.split(match["command"]))
        yield Entry(match["name"], Action(match["action"]), probes, argv)


def _probe(text: str) -> Probe:
    kind, _, where = text.partition("=")
    if kind == "unix":
        return Probe(kind, where)
    where, _, expect = where.partition("/")
    address, _, port = where.rpartition(":")
    return Probe(kind, address.strip("[]"), int(port), expect)


_PROBE: Final = r"(?:unix=[^,:]+|(?:smtp|pop3|imap|tcp|dns)=[^,/]*:\d+(?:/[^,:]*)?)"
LINE: Final = re.compile(
    rf"(?P<name>[^:]+):(?P<action>wait|respawn):"
    rf"(?P<probes>(?:{_PROBE}(?:,{_PROBE})*)?):(?P<command>.*\S.*)"
)
