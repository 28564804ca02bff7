"""Where the mailbox of a virtual recipient is, and whose it is; tables decide, nothing else.

INPUT AND OUTPUT
    ``find(recipient, tables)`` returns a ``Mailbox``, None for nobody, or raises
    ``Misconfigured`` with what the log should say.

WHY A MINIMUM
    postconf(5) virtual_minimum_uid: a table that somebody else may edit must not be able to
    name root, or the mail system.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from labctl.node.mta.lib.maps.table import MapError

# A value for an address: asked for user+ext@domain, user@domain, @domain, in this order.
Lookup = Callable[[str], str | None]


class Tables(NamedTuple):
    """The parameters virtual_mailbox_base, _maps, _uid_maps, _gid_maps, virtual_minimum_uid."""

    base: str
    mailboxes: Lookup
    uids: Lookup
    gids: Lookup
    minimum_uid: int


class Mailbox(NamedTuple):
    """Where the mail of a recipient goes, and as whom it is written."""

    path: str
    uid: int
    gid: int

    @property
    def is_maildir(self) -> bool:
        return self.path.endswith("/")


class Misconfigured(Exception):
    """Nobody can deliver there before somebody mends the tables."""


def find(recipient: str, tables: Tables) -> Mailbox | None:
    """The mailbox of a recipient, or None when nobody has this address."""
    name = _lookup(tables.mailboxes, "virtual_mailbox_maps", recipient)
    if name is None:
        return None
    uid = _number(tables.uids, "uid", recipient, tables.minimum_uid)
    gid = _number(tables.gids, "gid", recipient, 1)
    # virtual(8): what is no absolute path after the base is nobody's mistake but ours.
    return Mailbox(f"{tables.base}/{name}" if tables.base else name, uid, gid)


def _number(table: Lookup, kind: str, recipient: str, minimum: int) -> int:
    parameter = f"virtual_{kind}_maps"
    text = _lookup(table, parameter, recipient)
    if text is None:
        raise Misconfigured(f"recipient {recipient}: not found in {parameter}")
    if not text.strip().isdigit() or int(text) < minimum:
        raise Misconfigured(f"recipient {recipient}: bad {kind} {text} in {parameter}")
    return int(text)


def _lookup(table: Lookup, parameter: str, recipient: str) -> str | None:
    try:
        return table(recipient)
    except MapError as error:
        raise Misconfigured(f"table {parameter}: lookup {recipient}: {error}") from error
