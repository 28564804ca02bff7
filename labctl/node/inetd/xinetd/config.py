"""xinetd.conf(5): what each service has in the end, and what is wrong with the others.

INPUT AND OUTPUT
    ``parse(read)`` gives the services that are on, with what they take from the defaults, and
    the complaints in the order in which xinetd makes them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base.log import DEBUG, ERROR, WARNING
from labctl.node.inetd.xinetd.attributes import ANY, ATTRIBUTES
from labctl.node.inetd.xinetd.statements import Complaint, Entry, Read, Statement

Attributes = dict[str, list[str]]
REQUIRED: Final = ("socket_type", "wait", "user")


@dataclass(slots=True)
class Parsed:
    """The services of the files, and what is wrong with them."""

    services: list[tuple[str, Attributes]] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    fatal: bool = False  # the defaults make no sense: xinetd does not run with them

    def complain(self, text: str, severity: int) -> None:
        self.complaints.append(Complaint(severity, text))


class Disabled(Exception):
    """The service cannot be offered; the complaint is made already."""


def parse(read: Read) -> Parsed:
    """All services that are on."""
    parsed = Parsed(complaints=list(read.complaints))
    defaults = _defaults(read.entries, parsed)
    removed: list[str] = []
    for entry in read.entries:
        if entry.name and not parsed.fatal:
            _take(entry, defaults, parsed, removed)
    for name in removed:
        parsed.complain(f"removing {name}", DEBUG)
    return parsed


def service_id(name: str, attributes: Mapping[str, Sequence[str]]) -> str:
    """What the service is called in the log: its name, unless it has an id."""
    return (attributes.get("id") or (name,))[0]


def _defaults(entries: Sequence[Entry], parsed: Parsed) -> Attributes:
    defaults: Attributes = {}
    for statement in (s for entry in entries if not entry.name for s in entry.statements):
        attribute = ATTRIBUTES.get(statement.name)
        if attribute is None or not attribute.in_defaults:
            continue
        wrong = attribute.check(statement.values)
        if wrong:
            parsed.complain(f"{wrong} {statement.place}", attribute.severity)
            what = "A fatal error was encountered while parsing the default section."
            parsed.complain(f"{what} xinetd will exit.", attribute.severity)
            parsed.fatal = True
            return defaults
        _assign(defaults, statement)
    return defaults


def _take(entry: Entry, defaults: Attributes, parsed: Parsed, removed: list[str]) -> None:
    attributes: Attributes = {name: list(values) for name, values in defaults.items()}
    bad = False
    for statement in entry.statements:
        if _is_understood(entry, statement, parsed):
            bad = _is_wrong(statement, parsed) or bad
            _assign(attributes, statement)
    if attributes.get("disable", ["no"])[:1] == ["yes"]:
        return
    identity = service_id(entry.name, attributes)
    enabled = attributes.pop("enabled", None)
    switched_off = enabled is not None and identity not in enabled
    if identity in attributes.pop("disabled", ()):
        return
    if bad or switched_off:
        removed.append(identity)
        return
    missing = _missing(entry.name, attributes)
    if missing:
        parsed.complain(missing, ERROR)
        return
    parsed.services.append((entry.name, attributes))


def _is_understood(entry: Entry, statement: Statement, parsed: Parsed) -> bool:
    """Whether the statement counts; xinetd goes on without one that does not."""
    attribute, count = ATTRIBUTES.get(statement.name), len(statement.values)
    if attribute is None:
        text = f"bad service attribute: {statement.name}"
    elif statement.operator != "=" and not attribute.is_set:
        text = (
            f"Service {entry.name}: operator '{statement.operator}' cannot be used for "
            f"attribute '{statement.name}'"
        )
    elif attribute.values not in (ANY, count):
        text = (
            f"attribute {statement.name} expects {attribute.values} values and {count} values "
            "were specified"
        )
    else:
        return True
    parsed.complain(f"{text} {statement.place}", WARNING)
    return False


def _is_wrong(statement: Statement, parsed: Parsed) -> bool:
    attribute = ATTRIBUTES[statement.name]
    wrong = attribute.check(statement.values) if statement.operator != "-=" else ""
    if wrong:
        parsed.complain(f"{wrong} {statement.place}", attribute.severity)
        if statement.name not in FORGIVEN:
            what = f"Error parsing attribute {statement.name} - DISABLING SERVICE"
            parsed.complain(f"{what} {statement.place}", ERROR)
    return bool(wrong) and statement.name not in FORGIVEN


def _assign(attributes: Attributes, statement: Statement) -> None:
    known = attributes.get(statement.name, [])
    attributes[statement.name] = _OPERATORS[statement.operator](known, list(statement.values))


def _missing(name: str, attributes: Attributes) -> str:
    """What a service must have, in the order in which xinetd looks."""
    kinds = attributes.get("type", [])
    if "UNLISTED" in kinds and not _is_port(attributes.get("port", [""])[0]):
        return f"Unlisted service: {name} must have a port entry"
    if "UNLISTED" not in kinds and "port" not in attributes and not _is_listed(name):
        return f"Port not specified and can't find service: {name} with getservbyname"
    if not {"server", "redirect"} & attributes.keys() and "INTERNAL" not in kinds:
        return f"Must specify a server in {name}"
    lacking = next((word for word in REQUIRED if not attributes.get(word)), "")
    return f"Service {name} missing attribute {lacking} - DISABLING" if lacking else ""


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) < 65536


def _is_listed(name: str) -> bool:
    try:
        socket.getservbyname(name)
    except OSError:
        return False
    return True


def _add(known: list[str], values: list[str]) -> list[str]:
    return [*known, *(value for value in values if value not in known)]


def _remove(known: list[str], values: list[str]) -> list[str]:
    return [value for value in known if value not in values]


def _set(_known: list[str], values: list[str]) -> list[str]:
    return values


# What xinetd complains of and lives with.
FORGIVEN: Final = frozenset({"only_from", "no_access"})
_OPERATORS: Final[Mapping[str, Callable[[list[str], list[str]], list[str]]]] = {
    "=": _set,
    "+=": _add,
    "-=": _remove,
}
