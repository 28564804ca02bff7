"""Promises about single messages: sent by somebody, for somebody, with one clear outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from labctl.topology.models import ExpectSpec, Topology
from labctl.topology.problems import Problem, suggest, unknown_name
from labctl.topology.rules.roles import WITHOUT_MTA
from labctl.topology.source import Source

# What each outcome has to say, and what it may say besides.
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "arrives": (),
    "refused": ("server", "reply"),
    "answered": ("sender",),
    "unanswered": ("sender",),
    "published": ("url", "contains"),
}
DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "mailbox": ("arrives",),
    "shows": ("arrives", "answered"),
    "at": ("refused",),
    "reply": ("refused",),
    "url": ("published",),
    "contains": ("published",),
}


def promises_name_nodes(topology: Topology, source: Source) -> Iterator[Problem]:
    """A message is sent by a node of this file, to a mail server of this file."""
    for name, spec in topology.expect.items():
        for path, node in _nodes(spec):
            target = topology.nodes.get(node)
            place = source.place(("expect", name, *path), key=path[0] == "logged")
            if target is None:
                yield unknown_name(place, "node", node, topology.nodes)
            elif path == ("server",) and target.role in WITHOUT_MTA:
                what = f"{node!r} has the role {target.role.value!r}: it takes no mail"
                yield Problem(place, what)


def promises_are_complete(topology: Topology, source: Source) -> Iterator[Problem]:
    """An outcome without its details proves nothing; a detail of another one has no effect."""
    for name, spec in topology.expect.items():
        for field in NEEDED[spec.outcome]:
            if not getattr(spec, field):
                place = source.place(("expect", name), key=True)
                yield Problem(place, f"the outcome {spec.outcome!r} needs {field!r}")
        for field, outcomes in DETAILS.items():
            if getattr(spec, field) and spec.outcome not in outcomes:
                place = source.place(("expect", name, field), key=True)
                what = f"the outcome {spec.outcome!r} has no {field!r}"
                yield Problem(place, what, f"It belongs to: {', '.join(outcomes)}.")


def promised_mailboxes_exist(topology: Topology, source: Source) -> Iterator[Problem]:
    """What arrives, arrives with a user or in a hosted mailbox of this file."""
    known = [
        f"{local}@{domain}"
        for node in topology.nodes.values()
        for domains in (dict.fromkeys(node.domains, node.users), node.virtual_domains)
        for domain, locals in domains.items()
        for local in locals
    ]
    for name, spec in topology.expect.items():
        for field, address in _mailboxes(spec):
            if address and address not in known:
                place = source.place(("expect", name, *field))
                hint = suggest(address, known)
                yield Problem(place, f"nobody has the mailbox {address!r}", hint)


def _nodes(spec: ExpectSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    yield ("node",), spec.node
    if spec.server:
        yield ("server",), spec.server
    yield from ((("logged", node), node) for node in spec.logged)


def _mailboxes(spec: ExpectSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    if spec.outcome == "arrives":
        yield ("mailbox",) if spec.mailbox else ("to",), spec.mailbox or spec.to
    if spec.outcome in ("answered", "unanswered"):
        if spec.sender != "<>":
            yield ("sender",), spec.sender
        else:
            yield ("headers", "From"), spec.headers.get("From") or "<>"
