"""xinetd(8): the super-server of /etc/xinetd.conf and /etc/xinetd.d.

NAME
    xinetd - the extended Internet services daemon

SYNOPSIS
    xinetd [-d] [-f file] [-pidfile file] [-dontfork] [-stayalive] [-syslog facility]

DESCRIPTION
    SIGHUP reads the configuration anew, SIGUSR1 writes /run/xinetd.dump, SIGTERM ends it; the
    sessions that run are not touched by any of them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from labctl.node.base import files, processes
from labctl.node.base.events import EventLoop
from labctl.node.base.log import WARNING, Log
from labctl.node.inetd.xinetd.server import VERSION, Server

CONFIGURATION: Final = "/etc/xinetd.conf"
PID_FILE: Final = "/run/xinetd.pid"
WITH_VALUE: Final = ("-f", "-pidfile", "-syslog", "-filelog", "-limit", "-logprocs", "-cc")
WITHOUT_VALUE: Final = ("-d", "-dontfork", "-stayalive", "-inetd_compat", "-inetd_ipv6")


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM."""
    if "-version" in argv[1:]:
        print(f"{VERSION} libwrap loadavg", file=sys.stderr)
        return 0
    options = _options(argv[1:])
    if options is None:
        print(
            "Usage: xinetd [-d] [-f config_file] [-pidfile file] [-dontfork]", file=sys.stderr
        )
        return 1
    path = Path(options.get("-f", CONFIGURATION)).absolute()
    if not {"-d", "-dontfork"} & options.keys():
        processes.daemonize()
    pid_file = options.get("-pidfile", PID_FILE)
    Path(pid_file).write_text(f"{os.getpid()}\n")
    processes.set_title(" ".join(["xinetd", *argv[1:]]))
    _serve(path, Log("xinetd", facility=options.get("-syslog", "daemon")).open())
    files.unlink_if_there(pid_file)
    return 0


def _options(words: Sequence[str]) -> dict[str, str] | None:
    """Options are whole words here, with one minus."""
    options: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in WITH_VALUE and rest:
            options[word] = rest.pop(0)
        elif word in WITHOUT_VALUE:
            options[word] = ""
        else:
            return None
    return options


def _serve(path: Path, log: Log) -> None:
    loop = EventLoop()
    server = Server(loop, log, path)
    loop.on_signal(signal.SIGHUP, server.reconfigure)
    loop.on_signal(signal.SIGUSR1, server.dump)
    loop.on_signal(signal.SIGCHLD, server.reap)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        loop.on_signal(number, loop.stop)
    if server.configure():
        loop.run()
    log.write(WARNING, "Exiting...")
