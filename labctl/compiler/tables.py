"""Lookup tables of a node: those it brings, those its domains need, and /etc/aliases.

Each indexed table gets a service that runs postmap(1) before the MTA starts, and again
when the table changes. A generated table goes to the file that the setting names, so that
a node can keep the file names of the course.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from labctl.compiler.lab import Lab
from labctl.compiler.part import Part
from labctl.compiler.plan import Action, File, Service
from labctl.compiler.settings import settings
from labctl.topology.models import NodeSpec, TableSpec
from labctl.topology.tables import MENTION, TEXT_TYPES, mentions

ALIASES: Final = {"postmaster": "root", "abuse": "postmaster"}


class Table(NamedTuple):
    """A table as it is written: ``type`` is the one with which main.cf reads it."""

    type: str
    name: str
    rows: Mapping[str, str]
    text: str = ""

    @property
    def path(self) -> str:
        return f"/etc/postfix/{self.name}"

    def __str__(self) -> str:
        rows = "".join(f"{key}\t{value}".rstrip() + "\n" for key, value in self.rows.items())
        text = self.text if self.text.endswith("\n") or not self.text else f"{self.text}\n"
        return rows + text


def tables(lab: Lab, node: str) -> Part:
    """Write all lookup tables of a node, and the services that index them."""
    made = tables_of(lab, node)
    files = (File(one.path, str(one), reload=_service_name(one)) for one in made)
    services = (
        Service(_service_name(one), f"postmap {one.type}:{one.path}", Action.WAIT.value)
        for one in made
        if one.type not in TEXT_TYPES
    )
    aliases = File("/etc/aliases", _aliases(lab.spec(node)), reload="postalias-aliases")
    index = Service("postalias-aliases", "postalias hash:/etc/aliases", Action.WAIT.value)
    return Part(files=(*files, aliases), services=(*services, index))


@lru_cache(maxsize=4096)
def tables_of(lab: Lab, node: str) -> tuple[Table, ...]:
    """All tables below /etc/postfix; a row of the node's own replaces a generated one."""
    spec = lab.spec(node)
    generated = dict(_generated(lab, node))
    types = _types(lab, node)
    made = []
    for name in dict.fromkeys((*generated, *spec.maps)):
        own = spec.maps.get(name) or TableSpec(type="", text="")
        rows = {**generated.get(name, {}), **own.rows}
        made.append(Table(own.type or types.get(name, "hash"), name, rows, own.text))
    return tuple(made)


def alias_rows(spec: NodeSpec) -> dict[str, str]:
    """The virtual aliases of a node's alias domains."""
    return {
        f"{name}@{domain}": ", ".join(targets)
        for domain, names in spec.alias_domains.items()
        for name, targets in names.items()
    }


def mailbox_rows(spec: NodeSpec) -> dict[str, str]:
    """The virtual mailboxes of a node: address, and file below virtual_mailbox_base."""
    several = len(spec.virtual_domains) > 1
    return {
        f"{name}@{domain}": file or (f"{domain}/{name}" if several else name)
        for domain, names in spec.virtual_domains.items()
        for name, file in names.items()
    }


def recipients_of(lab: Lab, domain: str) -> tuple[str, ...]:
    """The local parts that exist in a domain."""
    spec = lab.spec(lab.homes[domain])
    if domain in spec.domains:
        return tuple(dict.fromkeys((*spec.users, *spec.aliases, *ALIASES, "root")))
    return tuple(spec.virtual_domains.get(domain) or spec.alias_domains[domain])


def _generated(lab: Lab, node: str) -> Iterator[tuple[str, dict[str, str]]]:
    spec = lab.spec(node)
    relayed = {
        f"{name}@{domain}": "OK"
        for domain in spec.backup_for
        for name in recipients_of(lab, domain)
    }
    wanted = {
        "relay_recipient_maps": relayed,
        "virtual_mailbox_maps": mailbox_rows(spec),
        "virtual_alias_maps": alias_rows(spec),
    }
    effective = settings(lab, node)
    for parameter, rows in wanted.items():
        found = MENTION.search(effective.get(parameter, ""))
        if rows and found:
            yield found[2], rows


def _types(lab: Lab, node: str) -> dict[str, str]:
    found = {name: kind for kind, name, _ in mentions(lab.spec(node))}
    for value in settings(lab, node).values():
        found |= {name: kind for kind, name in MENTION.findall(value)}
    return found


def _service_name(table: Table) -> str:
    # Postfix notices a changed text table only when it starts its programs anew.
    return "postfix" if table.type in TEXT_TYPES else f"postmap-{table.name}"


def _aliases(spec: NodeSpec) -> str:
    rows = {**ALIASES, **{name: ", ".join(to) for name, to in spec.aliases.items()}}
    return "".join(f"{_quoted(name)}:\t{target}\n" for name, target in rows.items())


def _quoted(name: str) -> str:
    # aliases(5): a name with special characters is quoted.
    return name if re.fullmatch(r"[\w.+-]+", name) else f'"{name}"'
