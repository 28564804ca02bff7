"""master.cf of a node: Debian's services, and the entries that the node brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from labctl.topology.models import NodeSpec

HEADER: Final = """\
# service type  private unpriv  chroot  wakeup  maxproc command + args
#               (yes)   (yes)   (no)    (never) (100)
"""

# master(5), in the order of Debian's file; nothing is in a chroot, so that students see all.
SERVICES: Final = (
    "smtp inet n - n - - smtpd",
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "verify unix - - n - 1 verify",
    "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap",
    "proxywrite unix - - n - 1 proxymap",
    "smtp unix - - n - - smtp",
    "relay unix - - n - - smtp\n-o syslog_name=postfix/$service_name",
    "showq unix n - n - - showq",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "discard unix - - n - - discard",
    "local unix - n n - - local",
    "virtual unix - n n - - virtual",
    "lmtp unix - - n - - lmtp",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
)


def master_cf(spec: NodeSpec) -> str:
    """The text of master.cf; an entry of the node's own replaces the service of its name."""
    entries = {_key(entry): entry for entry in (*SERVICES, *spec.master)}
    return HEADER + "".join(f"{line}\n" for entry in entries.values() for line in _lines(entry))


def _key(entry: str) -> tuple[str, ...]:
    # master(5): a service is its name and its type; smtp is there as inet and as unix.
    return tuple(entry.split()[:2])


def _lines(entry: str) -> Iterator[str]:
    first, *more = [line.strip() for line in entry.splitlines() if line.strip()]
    *columns, command = first.split(None, 7)
    yield _aligned(columns) + command
    yield from (f"    {line}" for line in more)


def _aligned(columns: Sequence[str]) -> str:
    widths = (9, 5, 7, 7, 7, 7, 7)
    return "".join(f"{column:<{w}} " for column, w in zip(columns, widths, strict=True))
