"""What a container says about its node.

WHERE THE TRUTH IS
    Labels say what a node was made for, a file in it what was written there since, and its
    log how far it has come.
"""

from __future__ import annotations

from docker.errors import NotFound
from docker.models.containers import Container

from labctl.engine.console import Said, state_after
from labctl.engine.docker import files, labels
from labctl.engine.interface import NodeState, ObservedNode


def observed(container: Container) -> ObservedNode:
    """The node as it is."""
    networks = container.attrs["NetworkSettings"]["Networks"].values()
    said = standing(container)
    now = applied(container)
    return ObservedNode(
        structure=container.labels[labels.STRUCTURE],
        files=now.files,
        directories=now.directories,
        state=said.state,
        addresses=tuple(one["IPAddress"] for one in networks if one["IPAddress"]),
        reason=said.reason,
    )


def standing(container: Container) -> Said:
    """How the node stands, after all that it has said."""
    if container.status != "running":
        code = container.attrs["State"]["ExitCode"]
        return Said(NodeState.FAILED, f"init ended with status {code}")
    return state_after(container.logs().decode(errors="replace").splitlines())


def applied(container: Container) -> files.Applied:
    """What the node has from a plan."""
    return files.Applied.read(read(container, files.APPLIED))


def read(container: Container, path: str) -> str:
    """The text of a file; empty when it is not there."""
    try:
        chunks, _ = container.get_archive(path)
    except NotFound:
        return ""
    return files.unpack_one(b"".join(chunks))
