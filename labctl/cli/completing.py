"""What a shell offers after TAB: labs that run, their nodes, topologies.

A shell that asks waits at the prompt: what cannot be told is no error, there is just nothing
to offer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import typer

from labctl.errors import LabError
from labctl.shipped import shipped


def labs(incomplete: str) -> list[str]:
    """The labs that run."""
    # Imported here: `labctl --help` loads no engine.
    from labctl.engine.select import holding_labs

    with contextlib.suppress(LabError):
        return _beginning(
            incomplete, [info.name for engine in holding_labs() for info in engine.labs()]
        )
    return []


def nodes(ctx: typer.Context, incomplete: str) -> list[str]:
    """The nodes of the lab that the line names, or of the only one."""
    from labctl.engine.select import plan_of, running

    with contextlib.suppress(LabError):
        plan = plan_of(*running(ctx.params.get("lab") or ""))
        return _beginning(incomplete, [node.name for node in plan.nodes])
    return []


def topologies(incomplete: str) -> list[str]:
    """The topologies that are shipped, then files and directories as they are typed."""
    shipped_ones = [path.stem for path in shipped("topologies").glob("*.yml")]
    given = Path(incomplete)
    folder = given if incomplete.endswith("/") else given.parent
    here = [
        f"{path}/" if path.is_dir() else str(path)
        for path in folder.glob("*")
        if path.suffix in (".yml", ".yaml") or path.is_dir()
    ]
    return [*_beginning(incomplete, shipped_ones), *_beginning(incomplete, here)]


def checks(ctx: typer.Context, incomplete: str) -> list[str]:
    """The checks of a lab, by id."""
    from labctl.engine.select import plan_of, running

    # Before a value that is not there yet, the lab is a word that nobody has taken so far.
    lab = ctx.params.get("lab") or next(iter(ctx.args), "")
    with contextlib.suppress(LabError):
        plan = plan_of(*running(lab))
        return _beginning(incomplete, [one.id for one in plan.expectations])
    return []


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
