"""imapd(8): serve IMAP4rev1 to one client on the standard streams.

NAME
    imapd - IMAP server as of UW-IMAP 2007f, started by inetd(8), xinetd(8) or by hand
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from labctl.node.base.log import Log
from labctl.node.base.standard_streams import StandardStreams, identify
from labctl.node.imapd.service import Service


def main(argv: Sequence[str]) -> int:
    """Serve one session; the exit status says nothing."""
    log = Log(os.path.basename(argv[0]) or "imapd").open()
    Service(StandardStreams(), identify(), log).run()
    return 0
