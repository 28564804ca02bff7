"""inetd(8): the super-server of /etc/inetd.conf.

NAME
    inetd - Internet super-server as of openbsd-inetd

SYNOPSIS
    inetd [-d] [-i] [-R rate] [configuration file]

DESCRIPTION
    -i, -d and -q keep it in the foreground (-d says so on the standard error as well);
    otherwise it goes to the background and writes /run/inetd.pid.  SIGHUP reads the file anew.
"""

from __future__ import annotations

import getopt
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from labctl.node.base import files, processes
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.inetd.config import DEFAULT_RATE
from labctl.node.inetd.server import Server

CONFIGURATION: Final = "/etc/inetd.conf"
PID_FILE: Final = "/run/inetd.pid"
USAGE: Final = "usage: inetd [-dEil] [-a address] [-q length] [-R rate] [configuration_file]"


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM."""
    try:
        options, rest = getopt.getopt(list(argv[1:]), "dEila:q:R:")
    except getopt.GetoptError as error:
        print(f"inetd: {error}\n{USAGE}", file=sys.stderr)
        return 1
    given = dict(options)
    path = Path(rest[0] if rest else CONFIGURATION).absolute()
    if not {"-i", "-d"} & given.keys():
        processes.daemonize()
        Path(PID_FILE).write_text(f"{os.getpid()}\n")
    processes.set_title(" ".join(["inetd", *argv[1:]]))
    rate = given.get("-R", "")
    _serve(path, int(rate) if rate.isdigit() else DEFAULT_RATE)
    files.unlink_if_there(PID_FILE)
    return 0


def _serve(path: Path, rate: int) -> None:
    loop = EventLoop()
    server = Server(loop, Log("inetd", facility="daemon").open(), path, rate=rate)
    loop.on_signal(signal.SIGHUP, server.configure)
    loop.on_signal(signal.SIGCHLD, server.reap)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.on_signal(number, loop.stop)
    server.configure()
    loop.run()
