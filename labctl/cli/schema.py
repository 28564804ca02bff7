"""`labctl schema`: the topology language for editors."""

from __future__ import annotations

from labctl.cli.render import show_data
from labctl.topology.schema import schema


def command() -> None:
    """Print the JSON Schema of the topology language.

    An editor that knows JSON Schema completes and explains every key. In the first line
    of a topology: "# yaml-language-server: $schema=topology.schema.json".
    """
    show_data(schema())
