"""The commands: name, module, and the line that `labctl --help` shows.

A module has one function ``command`` with typer's annotations; its docstring is the long
help. It returns an exit status, or nothing for success, and raises ``LabError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class Command(NamedTuple):
    """One command of labctl: where its function is, and its line of help."""

    name: str
    module: str
    summary: str
    settings: Mapping[str, Any] = {}  # typer's context settings


# What follows the node's name belongs to somebody else's command.
VERBATIM: Final = {"ignore_unknown_options": True, "allow_interspersed_args": False}

# In the order in which one meets them.
COMMANDS: Final = (
    Command("up", "labctl.cli.up", "Start a lab, or change it to what its topology says."),
    Command("down", "labctl.cli.down", "Remove a lab without a trace."),
    Command("status", "labctl.cli.status", "List the running labs, or the nodes of one."),
    Command("verify", "labctl.cli.verify", "Prove that mail flows as the topology promises."),
    Command("exec", "labctl.cli.exec", "Run a command in a node.", VERBATIM),
    Command("shell", "labctl.cli.shell", "Open a shell on a node."),
    Command("logs", "labctl.cli.logs", "Print the logs of the nodes."),
    Command("images", "labctl.cli.images", "Build and list the images of the Docker engine."),
    Command("validate", "labctl.cli.validate", "Say all that is wrong with a topology file."),
    Command("plan", "labctl.cli.plan", "Print what a topology becomes, down to every file."),
    Command("schema", "labctl.cli.schema", "Print the JSON Schema of the topology language."),
)
