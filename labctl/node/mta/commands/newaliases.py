"""newaliases(1): make every alias database of main.cf anew."""

from __future__ import annotations

from collections.abc import Sequence

from labctl.node import launcher
from labctl.node.mta.commands.options import parse_options, read_for_later

USAGE = "newaliases [options]"


def main(argv: Sequence[str]) -> int:
    """Run postalias(1) on alias_database, in whose name complaints are made."""
    options = parse_options(argv, "c:v", USAGE)
    directory = options.value("c")
    config = read_for_later(directory)
    databases = config.words("alias_database")
    if not databases:
        return 0
    where = ["-c", directory] if directory else []
    return launcher.main(["postalias", *where, "--", *databases])
