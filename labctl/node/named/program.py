"""named(8): the name server of a lab.

named [-f] [-g] [-c FILE] [-p PORT] [-u USER]

-c FILE  configuration, by default /etc/named.conf
-f       stay in the foreground (it always does: init watches it)
-g       the same, and log to standard error
-p PORT  listen on this port
-u USER  the account to run as, by default nobody
"""

from __future__ import annotations

import getopt
import os
import sys
from collections.abc import Sequence
from typing import Final

from labctl.node.base import accounts
from labctl.node.base.log import NOTICE, Fatal, Log
from labctl.node.base.privileges import drop_to
from labctl.node.named.service import Server

CONFIGURATION: Final = "/etc/named.conf"
ACCOUNT: Final = "nobody"
USAGE: Final = 64  # sysexits(3)


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM; SIGHUP reads configuration and zones again."""
    try:
        options = dict(getopt.getopt(list(argv[1:]), "c:fgp:u:")[0])
        port = int(options["-p"]) if "-p" in options else None
    except (getopt.GetoptError, ValueError) as error:
        print(
            f"named: {error}\nusage: named [-fg] [-c file] [-p port] [-u user]", file=sys.stderr
        )
        return USAGE
    log = Log("named", facility="daemon", path="/dev/stderr" if "-g" in options else "").open()
    log.write(NOTICE, f"starting {' '.join(argv)}")
    server = Server(options.get("-c", CONFIGURATION), log, port=port)
    try:
        server.start()
        _drop_privileges(options.get("-u", ACCOUNT))
        server.run()
    except Fatal as failure:
        log.fatal(str(failure))
        raise
    finally:
        server.close()
    return 0


def _drop_privileges(name: str) -> None:
    """The port is bound; the first byte from outside comes after this."""
    if os.geteuid() != 0:
        return
    account = accounts.by_name(name)
    if account is None:
        raise Fatal(f"no account is called {name!r}")
    drop_to(account)
