"""`labctl shell NODE`: a terminal on a node."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from labctl.cli import completing
from labctl.cli.labs import LAB_HELP
from labctl.engine.select import running

LOGIN_SHELL: Final = "command -v bash >/dev/null && exec bash -l || exec sh -l"


def command(
    node: Annotated[str, typer.Argument(help="The node.", autocompletion=completing.nodes)],
    lab: Annotated[str, typer.Option(help=LAB_HELP, autocompletion=completing.labs)] = "",
    user: Annotated[str, typer.Option(help="Log in as this user of the node.")] = "root",
) -> int:
    """Open a shell on a node, as if you sat in front of it."""
    engine, name = running(lab)
    argv = ["/bin/sh", "-c", LOGIN_SHELL] if user == "root" else ["su", "-", user]
    return engine.interact(name, node, argv, terminal=sys.stdin.isatty())
