"""Address rewriting: canonical tables, masquerading, virtual alias expansion.

INPUT AND OUTPUT
    Addresses are in internal form.  ``canonical()`` maps one address to one,
    ``expand()`` one recipient to many.  Raises RewriteFailure with the status and the reason
    that the client of cleanup will be told.

WHY NOT GIVE UP SILENTLY
    An alias that expands for ever, or a table that cannot be read, must not lose or misroute
    mail: the message is not accepted now, and the sender tries again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from labctl.node.mta.cleanup.masquerade import masquerade
from labctl.node.mta.cleanup.message import Message
from labctl.node.mta.cleanup.settings import Settings, Table
from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.lib.services.cleanup import Stat
from labctl.node.mta.lib.services.rewrite import RewriteUnavailable
from labctl.node.wire.addresses import external, internal
from labctl.node.wire.header_addresses import addresses

CANONICAL_DEPTH: Final = 10
EXPANSION_ERROR: Final = "4.6.0 Alias expansion error"


class RewriteFailure(Exception):
    """The message cannot be accepted now."""

    def __init__(self, status: Stat, reason: str, warning: str) -> None:
        super().__init__(warning)
        self.status, self.reason, self.warning = status, reason, warning


class Found(NamedTuple):
    """A table entry, and the extension that was not part of its key."""

    text: str
    extension: str


def standard(settings: Settings, address: str) -> str:
    """The address, complete with its domain; nobody stays nobody."""
    return address and internal(standard_external(settings, external(address), "local"))


def standard_external(settings: Settings, address: str, context: str) -> str:
    """The same in external form, as headers have it; ``context`` is "local" or "remote"."""
    try:
        return settings.rewriter.rewrite(address, context)
    except RewriteUnavailable as error:
        raise RewriteFailure(Stat.WRITE, "", str(error)) from error


def canonical(message: Message, settings: Settings, address: str, kind: str) -> str:
    """Canonical tables and masquerading for an address of class ``kind``."""
    for table in settings.canonical:
        if kind in table.classes and table.maps:
            address = _map_one(message, settings, table, address)
    rules = settings.masquerade
    if rules.domains and kind in rules.classes:
        address = masquerade(address, rules.domains, rules.exceptions)
    return address


def expand(settings: Settings, address: str) -> list[str]:
    """postconf(5) virtual_alias_maps: the recipients that stand behind this one."""
    table, config = settings.virtual, settings.config
    if not table.maps:
        return [address]
    limit = config.number("virtual_alias_expansion_limit")
    depth = config.number("virtual_alias_recursion_limit")
    found, done = [address], set[str]()
    position = 0
    while position < len(found):
        if len(found) > limit:
            raise _too_much(
                f"unreasonable {table.name} map expansion size for {shown(address)}"
            )
        if not _expand_at(settings, found, position, done, depth):
            raise _too_much(f"unreasonable {table.name} map nesting for {shown(address)}")
        position += 1
    return found


def bcc(settings: Settings, table: Table, address: str) -> str:
    """The blind copy that a sender or recipient causes: one address as it stands."""
    if not table.maps:
        return ""
    try:
        found = find(settings, table, address)
    except MapError as error:
        raise _cannot_look_up(table) from error
    return found.text if found else ""


def _expand_at(
    settings: Settings, found: list[str], position: int, done: set[str], depth: int
) -> bool:
    """Expand one member in place until it stands for itself; False: it never does."""
    for _ in range(depth):
        before = found[position].lower()
        # An address may expand into itself once: user -> \user, copy.
        if before in done:
            return True
        results = _look_up(settings, settings.virtual, found[position])
        if not results:
            return True
        _check_length(settings, results)
        found[position] = results[0]
        found.extend(results[1:])
        if before in {result.lower() for result in results}:
            done.add(before)
    return False


def _map_one(message: Message, settings: Settings, table: Table, address: str) -> str:
    for _ in range(CANONICAL_DEPTH):
        results = _look_up(settings, table, address)
        if not results:
            return address
        if len(results) > 1:
            _warn(message, settings, f"multi-valued {table.name} entry for {shown(address)}")
        before, address = address, results[0]
        if before.lower() == address.lower():
            return address
    # A loop is no reason to lose or to keep mail: it goes on with the last address.
    nesting = f"unreasonable {table.name} map nesting for {shown(address)}"
    _warn(message, settings, f"{nesting} -- message not accepted, try again later")
    return address


def shown(address: str) -> str:
    """An address in the log, as its table has it."""
    return external(address) or '""'


def _warn(message: Message, settings: Settings, text: str) -> None:
    settings.log.warning(f"{message.queue_id}: {text}")


def _look_up(settings: Settings, table: Table, address: str) -> list[str]:
    """The addresses of a table entry, complete; an empty list for no entry."""
    try:
        found = find(settings, table, address)
    except MapError as error:
        raise _cannot_look_up(table, address) from error
    if found is None:
        return []
    if found.text.startswith("@"):
        return [standard(settings, address.rpartition("@")[0] + found.text)]
    members = addresses(found.text) or _nobody(settings, table, address, found.text)
    complete = [standard(settings, internal(item)) for item in members]
    return list(_with_extension(complete, found.extension, table))


def _nobody(settings: Settings, table: Table, address: str, text: str) -> list[str]:
    """``<>`` is the null address; what holds no address at all is a mistake."""
    if text.strip() == "<>":
        return [""]
    settings.log.warning(
        f'{table.name} lookup of {shown(address)} returns non-address result "{text}"'
    )
    raise _cannot_look_up(table, address)


def _cannot_look_up(table: Table, address: str = "") -> RewriteFailure:
    whom = f" for {shown(address)}" if address else ""
    problem = f"{table.name} map lookup problem{whom}"
    # No reason of its own: whoever submits hears the one of all failures to write.
    return RewriteFailure(Stat.WRITE, "", f"{problem} -- message not accepted, try again later")


def find(settings: Settings, table: Table, address: str) -> Found | None:
    """The first entry in the order of canonical(5) and virtual(5)."""
    user_key = address.rpartition("@")[2] in settings.own
    found = table.maps.lookup_address(address, settings.config, user_key=user_key)
    return None if found is None else Found(*found)


def _with_extension(members: Iterable[str], extension: str, table: Table) -> Iterable[str]:
    for member in members:
        local, at, domain = member.rpartition("@")
        if extension and table.propagate and at:
            yield f"{local}{extension}@{domain}"
        else:
            yield member


def _check_length(settings: Settings, results: Iterable[str]) -> None:
    limit = settings.config.number("virtual_alias_address_length_limit")
    for result in results:
        if len(result) > limit:
            raise _too_much(f"unreasonable {settings.virtual.name} result {result[:300]}...")


def _too_much(what: str) -> RewriteFailure:
    warning = f"{what} -- message not accepted, try again later"
    return RewriteFailure(Stat.DEFER, EXPANSION_ERROR, warning)
