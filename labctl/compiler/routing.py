"""The way of a message through a lab, worked out from the settings of its nodes.

ALGORITHM
    What cleanup(8) and trivial-rewrite(8) do, as far as a topology can be read: canonical
    addresses, virtual aliases, transport_maps, local and virtual domains, relayhost, MX.
    Where a node's own settings leave that ground (a transport that is no SMTP client, a
    mailbox_command of its own), there is no answer: no expectation is better than a wrong
    one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.compiler.lab import Lab
from labctl.compiler.mta import has_mta
from labctl.compiler.settings import settings
from labctl.compiler.tables import tables_of
from labctl.topology.tables import MENTION

LONGEST: Final = 10  # hops; more is a circle
# "[host]" is an address to go to, a bare name is a domain whose MX is asked.
LITERAL: Final = re.compile(r"^(?:smtp|relay)?:?\[([^\]]+)\](?::\d+)?$")
FINAL_TRANSPORTS: Final = ("", "local", "virtual")


class Way(NamedTuple):
    """The MTAs that a message passes, and the address under which the last one has it."""

    nodes: tuple[str, ...]
    recipient: str


def way(lab: Lab, first: str, recipient: str) -> Way | None:
    """Follow a message from the first MTA that has it to the one that delivers it."""
    nodes: list[str] = [first]
    while len(nodes) <= LONGEST:
        recipient = _canonical(lab, nodes[-1], recipient, "recipient_canonical_maps")
        recipient = _aliased(lab, nodes[-1], recipient)
        transport = _transport(lab, nodes[-1], recipient).partition(":")[0]
        if transport in FINAL_TRANSPORTS and _is_final(lab, nodes[-1], recipient):
            return Way(tuple(nodes), recipient)
        hop = _next_hop(lab, nodes[-1], recipient)
        if hop is None or not has_mta(lab.spec(hop).role) or not lab.reach(nodes[-1], hop):
            return None
        nodes.append(hop)
    return None


def sender_after(lab: Lab, nodes: Iterable[str], sender: str) -> str:
    """The envelope sender of a message that has passed these MTAs."""
    for node in nodes:
        sender = _canonical(lab, node, sender, "sender_canonical_maps")
    return sender


def first_exchanger(lab: Lab, domain: str, asking: str = "") -> str | None:
    """The best MX of a domain; one that is an MX itself only goes to better ones."""
    if domain not in lab.homes:
        return lab.node_called(domain)
    exchangers = [node for _, node in lab.exchangers(domain)]
    if asking in exchangers:
        exchangers = exchangers[: exchangers.index(asking)]
    return exchangers[0] if exchangers else None


def _next_hop(lab: Lab, node: str, recipient: str) -> str | None:
    domain = recipient.rpartition("@")[2]
    transport, _, given = _transport(lab, node, recipient).partition(":")
    if transport and transport not in _smtp_clients(lab, node):
        return None
    # transport(5): a transport without a next hop means the domain of the recipient.
    default = domain if transport else settings(lab, node)["relayhost"] or domain
    destination = given or default
    if literal := LITERAL.match(destination):
        return lab.node_called(literal[1])
    return first_exchanger(lab, destination, node if destination == domain else "")


def _smtp_clients(lab: Lab, node: str) -> set[str]:
    """The transports of master.cf that hand mail on by SMTP."""
    own = {entry.split()[0] for entry in lab.spec(node).master if _command(entry) == "smtp"}
    return {"smtp", "relay", *own}


def _command(entry: str) -> str:
    return entry.split()[7]  # master(5): the eighth column


def _transport(lab: Lab, node: str, recipient: str) -> str:
    """transport(5): the address, the domain, then its parents as ".example.test"."""
    rows = dict(_rows(lab, node, "transport_maps"))
    domain = recipient.rpartition("@")[2]
    parents = [domain[i:] for i, letter in enumerate(domain) if letter == "."]
    return next((rows[key] for key in (recipient, domain, *parents, "*") if key in rows), "")


def _canonical(lab: Lab, node: str, address: str, first: str) -> str:
    """canonical(5): an address, or its whole domain; the map of its own kind comes first."""
    for parameter in (first, "canonical_maps"):
        rows = dict(_rows(lab, node, parameter))
        for _ in range(LONGEST):
            local, _, domain = address.rpartition("@")
            target = rows.get(address) or rows.get(f"@{domain}") or address
            target = f"{local}{target}" if target.startswith("@") else target
            if target == address:
                break
            address = target if "@" in target else f"{target}@{_origin(lab, node)}"
    return address


def _aliased(lab: Lab, node: str, recipient: str) -> str:
    """virtual(5): an address, or the catch-all of its domain; the first address it becomes."""
    rows = dict(_rows(lab, node, "virtual_alias_maps"))
    for _ in range(LONGEST):
        key = next(
            (k for k in (recipient, f"@{recipient.rpartition('@')[2]}") if k in rows), ""
        )
        target = rows[key].split(",")[0].split()[0] if key and rows[key].strip() else ""
        if not target or target == recipient:
            break
        recipient = target if "@" in target else f"{target}@{_origin(lab, node)}"
    return recipient


def _origin(lab: Lab, node: str) -> str:
    spec = lab.spec(node)
    return spec.domains[0] if spec.domains else spec.hostname


def _is_final(lab: Lab, node: str, recipient: str) -> bool:
    spec = lab.spec(node)
    domain = recipient.rpartition("@")[2]
    return domain in (*spec.domains, *spec.virtual_domains)


def _rows(lab: Lab, node: str, parameter: str) -> Iterator[tuple[str, str]]:
    made: Mapping[str, Mapping[str, str]] = {
        table.name: table.rows for table in tables_of(lab, node)
    }
    for _, name in MENTION.findall(settings(lab, node).get(parameter, "")):
        yield from made.get(name, {}).items()
