"""`labctl exec NODE -- COMMAND`: run a command in a node."""

from __future__ import annotations

from typing import Annotated

import typer

from labctl.cli import completing
from labctl.cli.labs import LAB_HELP
from labctl.engine.select import running


def command(
    node: Annotated[str, typer.Argument(help="The node.", autocompletion=completing.nodes)],
    words: Annotated[list[str], typer.Argument(metavar="-- COMMAND [ARGUMENT]...")],
    lab: Annotated[str, typer.Option(help=LAB_HELP, autocompletion=completing.labs)] = "",
) -> int:
    """Run a command in a node, with your standard input and output; the exit status is its own.

    \b
    labctl exec smtp -- mailq
    labctl exec smtp -- postconf -n
    echo hello | labctl exec relais -- mail -s test pascal@beauvelo.fr
    """
    engine, name = running(lab)
    command_line = words[1:] if words[0] == "--" else words
    return engine.interact(name, node, command_line, terminal=False)
