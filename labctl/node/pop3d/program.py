"""ipop3d(8): serve POP3 to one client on the standard streams.

NAME
    ipop3d - POP3 server as of UW-IMAP 2007f, started by inetd(8) or xinetd(8)
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from labctl.node.base.log import Log
from labctl.node.base.standard_streams import StandardStreams, identify
from labctl.node.pop3d.service import Service


def main(argv: Sequence[str]) -> int:
    """Serve one session; the exit status says nothing."""
    log = Log(os.path.basename(argv[0]) or "ipop3d").open()
    Service(StandardStreams(), identify(), log).run()
    return 0
