"""postalias(1): make the alias database from its source, ask it, list it, change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.commands.table_command import Dialect, run
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps.alias_source import alias_entries
from labctl.node.mta.lib.maps.build import Update


def main(argv: Sequence[str]) -> int:
    """Obey the command line."""
    return run(argv, POSTALIAS)


def _add_yp_entries(update: Update, config: Config) -> None:
    """Add what Sendmail and NIS expect of an alias database."""
    update.entries["@"] = "@"
    update.entries["YP_LAST_MODIFIED"] = f"{int(clock.now()):010d}"
    update.entries["YP_MASTER_NAME"] = config.text("myhostname")


POSTALIAS: Final = Dialect(
    "postalias",
    "Nfinoprsuvwc:d:q:",
    "postalias [-Nfinoprsuvw] [-c config_dir] [-d key] [-q key] [map_type:]file...",
    alias_entries,
    _add_yp_entries,
    "{}:\t{}",
)
