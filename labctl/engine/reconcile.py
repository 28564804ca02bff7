"""The difference between a plan and what exists, as steps; nothing is done here.

ORDER
    What goes away goes first (a removed node may hold the address that a new one wants), then
    networks, then nodes, then files in nodes that stay, then the services that read them.

DIRECTORIES
    A new user has a home and a new domain has mailboxes: they are made in a node that runs,
    which must not lose its mail for them.  None is ever removed: there may be mail in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict

from labctl.compiler.plan import Directory, File, Node, Plan
from labctl.engine.interface import NodeState, Observed, ObservedNode, Step, StepKind


def reconcile(plan: Plan, observed: Observed) -> list[Step]:
    """Give the steps from ``observed`` to ``plan``; none when they agree."""
    replaced = {
        node.name: cause
        for node in plan.nodes
        if (present := observed.nodes.get(node.name))
        and (cause := _replacement_cause(plan, node, present, observed))
    }
    return [
        *_removals(plan, observed, replaced),
        *_networks(plan, observed),
        *_creations(plan, observed, replaced),
        *_file_changes(plan, observed, replaced),
    ]


def structure_of(node: Node) -> str:
    """Digest what cannot be changed while a node runs."""
    fixed = (node.hostname, node.image, [asdict(one) for one in node.interfaces])
    return _digest(json.dumps(fixed, sort_keys=True))


def digest_of(one: File | Directory) -> str:
    """Digest a file with its owner and mode, or a directory."""
    content = one.content if isinstance(one, File) else ""
    return _digest("\0".join((one.owner, one.group, one.mode, content)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _replacement_cause(
    plan: Plan, node: Node, present: ObservedNode, observed: Observed
) -> str:
    if present.state in (NodeState.FAILED, NodeState.STOPPED):
        return (
            f"it has {present.state}"
            if present.state is NodeState.FAILED
            else "it stands still"
        )
    if present.structure != structure_of(node):
        return "its interfaces, image or host name changed"
    subnets = {network.name: network.subnet for network in plan.networks}
    for interface in node.interfaces:
        if observed.networks.get(interface.network) != subnets[interface.network]:
            return f"its network {interface.network} changed"
    return ""


def _removals(plan: Plan, observed: Observed, replaced: dict[str, str]) -> Iterator[Step]:
    wanted = {node.name for node in plan.nodes}
    for name in observed.nodes:
        if name not in wanted:
            yield Step(StepKind.REMOVE_NODE, name, "the topology has no such node")
        elif name in replaced:
            yield Step(StepKind.REMOVE_NODE, name, replaced[name])
    subnets = {network.name: network.subnet for network in plan.networks}
    for name, subnet in observed.networks.items():
        if name not in subnets:
            yield Step(StepKind.REMOVE_NETWORK, name, "the topology has no such network")
        elif subnets[name] != subnet:
            yield Step(StepKind.REMOVE_NETWORK, name, f"its subnet is now {subnets[name]}")


def _networks(plan: Plan, observed: Observed) -> Iterator[Step]:
    for network in plan.networks:
        if observed.networks.get(network.name) != network.subnet:
            yield Step(StepKind.CREATE_NETWORK, network.name, f"subnet {network.subnet}")


def _creations(plan: Plan, observed: Observed, replaced: dict[str, str]) -> Iterator[Step]:
    for node in plan.nodes:
        if node.name not in observed.nodes:
            yield Step(StepKind.CREATE_NODE, node.name, "it does not exist yet")
        elif node.name in replaced:
            yield Step(StepKind.CREATE_NODE, node.name, replaced[node.name])


def _file_changes(plan: Plan, observed: Observed, replaced: dict[str, str]) -> Iterator[Step]:
    for node in plan.nodes:
        present = observed.nodes.get(node.name)
        if present is None or node.name in replaced:
            continue
        changed = [f for f in node.files if present.files.get(f.path) != digest_of(f)]
        new = tuple(
            one.path
            for one in node.directories
            if present.directories.get(one.path) != digest_of(one)
        )
        gone = sorted(set(present.files) - {file.path for file in node.files})
        if gone:
            cause = "the topology has these files no more"
            yield Step(StepKind.DELETE_FILES, node.name, cause, paths=tuple(gone))
        if new:
            cause = "they are new, or their owner or mode changed"
            yield Step(StepKind.MAKE_DIRECTORIES, node.name, cause, paths=new)
        if changed:
            paths = tuple(file.path for file in changed)
            yield Step(StepKind.WRITE_FILES, node.name, "their content changed", paths=paths)
        for service in dict.fromkeys(file.reload for file in changed if file.reload):
            because = ", ".join(file.path for file in changed if file.reload == service)
            yield Step(StepKind.RELOAD, node.name, f"{because} changed", service=service)
