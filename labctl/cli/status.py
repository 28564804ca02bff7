"""`labctl status`: which labs run, and how the nodes of one are."""

from __future__ import annotations

import enum
import json
from typing import Annotated

import typer

from labctl.cli import completing
from labctl.cli.labs import LAB_HELP
from labctl.cli.render import show_data, show_progress, table
from labctl.engine.interface import NodeState, Observed
from labctl.engine.select import find, holding_labs
from labctl.errors import ExitCode


class Output(enum.StrEnum):
    """Formats of --output."""

    TABLE = "table"
    JSON = "json"


def command(
    lab: Annotated[str, typer.Argument(help=LAB_HELP, autocompletion=completing.labs)] = "",
    output: Annotated[
        Output, typer.Option("--output", "-o", help="How to print it.")
    ] = Output.TABLE,
) -> int:
    """List the running labs, or the nodes of one.

    Exit status 1 means that a node of the lab is not ready.
    """
    if lab:
        return _nodes(lab, find(lab).observe(lab), output)
    labs = [info for engine in holding_labs() for info in engine.labs()]
    if output is Output.JSON:
        show_data(json.dumps([info._asdict() for info in labs], indent=2))
    elif labs:
        rows = [[one.name, one.engine, f"{one.ready}/{one.nodes}"] for one in labs]
        show_data(table(["LAB", "ENGINE", "READY"], rows))
    else:
        show_progress("no lab is running; labctl up TOPOLOGY starts one")
    return ExitCode.OK


def _nodes(lab: str, observed: Observed, output: Output) -> int:
    if output is Output.JSON:
        nodes = [
            {
                "node": name,
                "state": one.state.value,
                "addresses": list(one.addresses),
                "reason": one.reason,
            }
            for name, one in observed.nodes.items()
        ]
        show_data(
            json.dumps(
                {"lab": lab, "networks": dict(observed.networks), "nodes": nodes}, indent=2
            )
        )
    else:
        rows = [
            [name, one.state.value, " ".join(one.addresses), one.reason]
            for name, one in observed.nodes.items()
        ]
        show_data(table(["NODE", "STATE", "ADDRESS", ""], rows))
    ready = all(one.state is NodeState.READY for one in observed.nodes.values())
    return ExitCode.OK if ready else ExitCode.FAILED
