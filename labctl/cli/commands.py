"""The commands: name, module, and the line that `labctl --help` shows.

A module has one function ``command`` with typer's annotations; its docstring is the long
help. It returns an exit status, or nothing for success, and raises ``LabError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class Command(NamedTuple):
    name: str
    module: str
    summary: str
    settings: Mapping[str, Any] = {}  # typer's context settings


# In the order in which one meets them.
COMMANDS: Final = (
    Command("validate", "labctl.cli.validate", "Say all that is wrong with a topology file."),
    Command("plan", "labctl.cli.plan", "Print what a topology becomes, down to every file."),
    Command("schema", "labctl.cli.schema", "Print the JSON Schema of the topology language."),
)
