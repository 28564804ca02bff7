"""postmap(1): make a lookup table from its source, ask it, list it, change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labctl.node.mta.commands.table_command import Dialect, run
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps.build import Update
from labctl.node.mta.lib.maps.source import map_entries


def main(argv: Sequence[str]) -> int:
    """Obey the command line."""
    return run(argv, POSTMAP)


def _nothing_more(update: Update, config: Config) -> None:
    """A postmap table holds what its source says."""


POSTMAP: Final = Dialect(
    "postmap",
    "NbFfhimnoprsuUvwc:d:q:",
    "postmap [-bfFhimnNoprsuUvw] [-c config_dir] [-d key] [-q key] [map_type:]file...",
    map_entries,
    _nothing_more,
    "{}\t{}",
)
