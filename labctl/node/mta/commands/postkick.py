"""postkick(1): send a request to a service of the mail system, from a script.

INPUT AND OUTPUT
    ``postkick [-c DIR] [-v] CLASS SERVICE REQUEST``: the bytes of REQUEST go to CLASS/SERVICE.
"""

from __future__ import annotations

import getopt
import os
import sys
from collections.abc import Sequence
from typing import Final

from labctl.node.base import sockets
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config

PATIENCE: Final = 1.0


def main(argv: Sequence[str]) -> int:
    """Kick once."""
    try:
        pairs, words = getopt.getopt(list(argv[1:]), "c:v")
        kind, service, request = words
    except (getopt.GetoptError, ValueError) as error:
        raise Fatal("usage: postkick [-c config_dir] [-v] class service request") from error
    config = Config.read(dict(pairs).get("-c"))
    path = os.path.join(config.text("queue_directory"), kind, service)
    try:
        with sockets.connect_unix(path, timeout=PATIENCE) as connection:
            connection.sendall(request.encode("utf-8", "surrogateescape"))
    except OSError as error:
        return _complain(kind, service, error.strerror or str(error))
    return 0


def _complain(kind: str, service: str, reason: str) -> int:
    print(f"postkick: warning: unable to look up {kind}/{service}: {reason}", file=sys.stderr)
    text = f"Cannot contact class {kind} service {service} - perhaps the mail system is down"
    print(f"postkick: warning: {text}", file=sys.stderr)
    return 1
