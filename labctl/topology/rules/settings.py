"""main.cf, master.cf and lookup tables: spelled right, and each table read by something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Final

from labctl.topology.models import NodeSpec, Topology
from labctl.topology.problems import Problem, suggest
from labctl.topology.source import Source
from labctl.topology.tables import SETTING_OF_TABLE, mentions

# master.cf names of their own: "clientsmtp_destination_concurrency_limit" (postconf(5)).
PER_TRANSPORT: Final = re.compile(
    r"_(destination_(concurrency|recipient|rate|recipient_rate)\w*|delivery_slot_\w+|"
    r"extra_recipient_limit|initial_destination_concurrency|minimum_delivery_slots|"
    r"recipient_limit|recipient_refill_\w+|time_limit|transport_rate_delay)$"
)
SERVICE_TYPES: Final = ("inet", "unix", "unix-dgram", "fifo", "pass")


def parameters_exist(topology: Topology, source: Source) -> Iterator[Problem]:
    """Postfix ignores a misspelt parameter without a word; a lab should not."""
    for name, node in topology.nodes.items():
        own = _own_names(node)
        for parameter in node.postfix:
            if parameter in parameters() or parameter in own or PER_TRANSPORT.search(parameter):
                continue
            place = source.place(("nodes", name, "postfix", parameter), key=True)
            near = suggest(parameter, parameters())
            hint = (
                near
                if near.startswith("Did")
                else "A name of one's own has to be used as $name."
            )
            yield Problem(place, f"Postfix has no parameter {parameter!r}", hint)


def tables_are_read(topology: Topology, source: Source) -> Iterator[Problem]:
    """A table that no setting names has no effect."""
    for name, node in topology.nodes.items():
        named = {file for _, file, _ in mentions(node)}
        for table in node.maps:
            if table not in named and table not in SETTING_OF_TABLE:
                place = source.place(("nodes", name, "maps", table), key=True)
                hint = f"For example: 'postfix: {{transport_maps: hash:/etc/postfix/{table}}}'."
                yield Problem(
                    place, f"no setting of this node reads /etc/postfix/{table}", hint
                )


def tables_are_there(topology: Topology, source: Source) -> Iterator[Problem]:
    """A table that does not exist makes Postfix defer all mail."""
    for name, node in topology.nodes.items():
        made = {*node.maps, *_generated(node)}
        for _, table, parameter in mentions(node):
            if table in made or f"/etc/postfix/{table}" in node.files:
                continue
            path = (
                ("nodes", name, "postfix", parameter)
                if parameter
                else ("nodes", name, "master")
            )
            hint = suggest(table, node.maps)
            what = f"/etc/postfix/{table} is not made by 'maps' or 'files'"
            yield Problem(source.place(path), what, hint if hint.startswith("Did") else "")


def master_entries_are_complete(topology: Topology, source: Source) -> Iterator[Problem]:
    """master(5): eight columns, the last of which is the command."""
    for name, node in topology.nodes.items():
        for index, entry in enumerate(node.master):
            columns = entry.split()
            place = source.place(("nodes", name, "master", index))
            if len(columns) < 8:
                hint = "service type private unpriv chroot wakeup maxproc command"
                yield Problem(
                    place, f"a master.cf entry has 8 columns, not {len(columns)}", hint
                )
            elif columns[1] not in SERVICE_TYPES:
                hint = suggest(columns[1], SERVICE_TYPES)
                yield Problem(place, f"no service type is called {columns[1]!r}", hint)


@cache
def parameters() -> frozenset[str]:
    """The names of all parameters of Postfix 3.7, as `postconf -d` lists them."""
    text = resources.files("labctl.topology").joinpath("data", "postfix-3.7-parameters.txt")
    return frozenset(text.read_text().split())


def _own_names(node: NodeSpec) -> set[str]:
    """Names that the node made up itself: used as $name, or restriction classes."""
    text = " ".join((*node.postfix.values(), *node.master))
    classes = node.postfix.get("smtpd_restriction_classes", "")
    return {*re.findall(r"\$[{(]?([A-Za-z0-9_]+)", text), *re.split(r"[\s,]+", classes)}


def _generated(node: NodeSpec) -> Iterator[str]:
    """Tables that the compiler writes, wherever the settings want them."""
    for field, parameter in GENERATED.items():
        if getattr(node, field):
            yield from (file for _, file, name in mentions(node) if name == parameter)


GENERATED: Final = {
    "virtual_domains": "virtual_mailbox_maps",
    "alias_domains": "virtual_alias_maps",
    "backup_for": "relay_recipient_maps",
}
