"""`labctl validate`: all that is wrong with topology files, at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from labctl.cli import completing
from labctl.cli.labs import topology_file
from labctl.cli.render import show_data
from labctl.compiler.passes import compile_topology
from labctl.topology.load import load

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="TOPOLOGY...",
        help="Topology files.",
        autocompletion=completing.topologies,
    ),
]


def command(files: Files) -> None:
    """Say all that is wrong with a topology file: where, what, and what to do about it.

    Nothing is started. The exit status is 2 when there is a problem.
    """
    for file in map(topology_file, files):
        plan = compile_topology(load(file, os.environ))
        counts = f"{len(plan.nodes)} nodes, {len(plan.expectations)} expectations"
        show_data(f"{file}: lab {plan.lab!r} is valid: {counts}")
