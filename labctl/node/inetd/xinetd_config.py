"""xinetd.conf(5): services in braces, defaults, included files.

INPUT AND OUTPUT
    ``parse(text, include)`` gives the services that are on, and complaints.  ``include`` maps a
    path to (name, text) of a file, or of each file of a directory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

Attributes = dict[str, list[str]]
Include = Callable[[str], Iterable[str]]

# Attributes that are sets of values: "+=" adds, "-=" takes away, services add to the defaults.
SETS: Final = frozenset(
    {"only_from", "no_access", "log_on_success", "log_on_failure", "passenv", "env", "flags"}
)
DEFAULTABLE: Final = SETS | {
    "log_type",
    "bind",
    "interface",
    "per_source",
    "instances",
    "cps",
    "umask",
    "nice",
    "access_times",
    "banner",
    "banner_success",
    "banner_fail",
    "disabled",
    "enabled",
    "max_load",
}
_ASSIGNMENT: Final = re.compile(r"(\w+)\s*(\+=|-=|=)\s*(.*)")


@dataclass(slots=True)
class Parsed:
    """The services of the files, and what is wrong with them."""

    defaults: Attributes = field(default_factory=dict)
    services: list[tuple[str, Attributes]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def parse(text: str, include: Include) -> Parsed:
    """All services, with what they take from the defaults, less those that are disabled."""
    raw = Parsed()
    _read(text, include, raw)
    services = [(name, _with_defaults(own, raw.defaults)) for name, own in raw.services]
    raw.services = [
        (name, attributes) for name, attributes in services if _is_on(name, attributes, raw)
    ]
    return raw


def _read(text: str, include: Include, into: Parsed) -> None:
    section: Attributes | None = None
    pending: Attributes | None = None
    for line in (line.strip() for line in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if line == "{":
            section, pending = pending, None
        elif line == "}":
            section = None
        elif section is not None:
            _assign(line, section, into)
        elif words[0] in ("includedir", "include") and len(words) == 2:
            for content in include(words[1]):
                _read(content, include, into)
        elif words[0] == "defaults":
            pending = into.defaults
        elif words[0] == "service" and len(words) >= 2:
            pending = {}
            into.services.append((words[1], pending))
        else:
            into.complaints.append(f"missing service keyword: {line}")


def _assign(line: str, section: Attributes, into: Parsed) -> None:
    match = _ASSIGNMENT.fullmatch(line)
    if match is None:
        into.complaints.append(f"bad line: {line}")
        return
    name, operator, values = match[1], match[2], match[3].split()
    if operator == "=" or name in section:
        section[name] = _OPERATORS[operator](section.get(name, []), values)
    else:
        # What a service adds to, or takes from, the defaults waits until these are known.
        section.setdefault(f"{name} {operator}", []).extend(values)


def _with_defaults(own: Attributes, defaults: Mapping[str, list[str]]) -> Attributes:
    merged = {name: list(values) for name, values in defaults.items() if name in DEFAULTABLE}
    for name, values in own.items():
        plain, _, operator = name.partition(" ")
        if operator:
            merged[plain] = _OPERATORS[operator](merged.get(plain, []), values)
        else:
            merged[name] = values
    return merged


def _is_on(name: str, attributes: Attributes, raw: Parsed) -> bool:
    if attributes.get("disable", ["no"])[:1] == ["yes"]:
        return False
    identity = (attributes.get("id") or [name])[0]
    enabled = raw.defaults.get("enabled")
    if enabled is not None and identity not in enabled:
        return False
    return identity not in raw.defaults.get("disabled", [])


def _add(known: list[str], values: list[str]) -> list[str]:
    return [*known, *(value for value in values if value not in known)]


def _remove(known: list[str], values: list[str]) -> list[str]:
    return [value for value in known if value not in values]


def _set(_known: list[str], values: list[str]) -> list[str]:
    return values


_OPERATORS: Final[Mapping[str, Callable[[list[str], list[str]], list[str]]]] = {
    "=": _set,
    "+=": _add,
    "-=": _remove,
}
