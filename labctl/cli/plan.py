"""`labctl plan`: what a topology becomes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from labctl.cli import completing
from labctl.cli.labs import ENGINE_HELP, topology_file
from labctl.cli.render import show_data
from labctl.compiler.addressing import surroundings
from labctl.compiler.passes import compile_topology
from labctl.compiler.plan import Node, Plan, to_json
from labctl.engine.bring_up import pending
from labctl.engine.select import AUTO, choose
from labctl.errors import ExitCode, LabError
from labctl.topology.load import load
from labctl.topology.problems import suggest


def command(
    topology: Annotated[
        Path,
        typer.Argument(
            help="A topology file, or the name of a shipped one.",
            autocompletion=completing.topologies,
        ),
    ],
    node: Annotated[str, typer.Argument(help="Only this node: a list of its files.")] = "",
    path: Annotated[str, typer.Argument(help="Only this file of the node: its content.")] = "",
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", help="Print what `up` would do; 6 if anything."),
    ] = False,
    engine: Annotated[str, typer.Option(help=ENGINE_HELP)] = AUTO,
) -> int:
    """Print the compiled plan as JSON; nothing is started or changed.

    \b
    labctl plan topologies/beauvelo.yml                               everything
    labctl plan topologies/beauvelo.yml smtp                          the files of smtp
    labctl plan topologies/beauvelo.yml smtp /etc/postfix/main.cf     one of them
    labctl plan topologies/beauvelo.yml --detailed-exitcode           steps to get there
    """
    source = load(topology_file(topology), os.environ)
    plan = compile_topology(source)
    if detailed_exitcode:
        chosen = choose(engine, plan.lab)
        taken, held = chosen.taken_subnets(plan.lab), chosen.observe(plan.lab).networks
        steps = pending(chosen, compile_topology(source, surroundings(taken, held)))
        show_data("".join(f"{step}\n" for step in steps))
        return ExitCode.CHANGES if steps else ExitCode.OK
    if not node:
        show_data(to_json(plan))
    elif not path:
        show_data("".join(f"{file.path}\n" for file in _node(plan, node).files))
    else:
        show_data(_content(_node(plan, node), path))
    return ExitCode.OK


def _node(plan: Plan, name: str) -> Node:
    try:
        return plan.node(name)
    except KeyError:
        raise _unknown("node", name, [node.name for node in plan.nodes]) from None


def _content(node: Node, path: str) -> str:
    for file in node.files:
        if file.path == path:
            return file.content
    raise _unknown("file", path, [file.path for file in node.files])


def _unknown(kind: str, name: str, known: list[str]) -> LabError:
    hint = suggest(name, known)
    return LabError(f"no {kind} is called {name!r}", hint=hint, exit_code=ExitCode.USAGE)
