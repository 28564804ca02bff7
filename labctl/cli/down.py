"""`labctl down`: remove a lab without a trace."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from labctl.cli import completing
from labctl.cli.labs import ENGINE_HELP, LAB_HELP, plain_name
from labctl.cli.render import show_progress
from labctl.engine.lock import changing
from labctl.engine.select import AUTO, holding_labs, running
from labctl.errors import ExitCode


def command(
    lab: Annotated[str, typer.Argument(help=LAB_HELP, autocompletion=completing.labs)] = "",
    engine: Annotated[str, typer.Option(help=ENGINE_HELP)] = AUTO,
    everything: Annotated[bool, typer.Option("--all", help="Remove all your labs.")] = False,
) -> int:
    """Stop a lab and remove all that labctl made for it; the topology file is not needed.

    Without an argument it means the only lab that runs. Removing what is not there is no error.
    """
    if everything:
        names = [info.name for one in holding_labs() for info in one.labs()]
    else:
        names = [plain_name(lab) if lab else running("")[1]]
    for name in names:
        _remove(name, engine)
    return ExitCode.OK


def _remove(name: str, engine: str) -> None:
    began = time.monotonic()
    with changing(name):
        removed = [
            one.name
            for one in holding_labs(name)
            if engine in (AUTO, one.name) and one.remove(name)
        ]
    if removed:
        show_progress(f"{name}: removed in {time.monotonic() - began:.1f} s")
    else:
        show_progress(f"{name}: no such lab; nothing to remove")
