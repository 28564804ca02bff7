"""postlog(1): one line of log per line of text, from a script.

INPUT AND OUTPUT
    ``postlog [-i] [-c DIR] [-p PRIORITY] [-t TAG] [text ...]``; without text, each line of
    standard input.  The line is shown on standard error too when that is a terminal.
"""

from __future__ import annotations

import getopt
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base.log import CRITICAL, ERROR, INFO, WARNING, Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log


class Level(NamedTuple):
    """postlog(1) -p."""

    severity: int
    prefix: str


def main(argv: Sequence[str]) -> int:
    """Log what is given."""
    try:
        pairs, words = getopt.getopt(list(argv[1:]), "c:ip:t:v")
    except getopt.GetoptError as error:
        raise Fatal(
            "usage: postlog [-c config_dir] [-i] [-p priority] [-t tag] [text]"
        ) from error
    options = dict(pairs)
    name = options.get("-p", "info")
    if name not in PRIORITIES:
        raise Fatal(f"unknown priority: {name}")
    log = _log(options)
    for text in [" ".join(words)] if words else map(str.rstrip, sys.stdin):
        _write(log, PRIORITIES[name], text)
    return 0


def _log(options: Mapping[str, str]) -> Log:
    """A tag stands alone: `-t postfix/postfix-script` is the whole name."""
    log = mail_log(Config.read(options.get("-c")), "postlog")
    if "-t" in options:
        return Log(options["-t"], facility="mail", sink=log.sink)
    return log


def _write(log: Log, level: Level, text: str) -> None:
    log.write(level.severity, f"{level.prefix}{text}")
    if sys.stderr.isatty():
        name = f"{log.syslog_name}/{log.program}" if log.syslog_name else log.program
        print(f"{name}: {level.prefix}{text}", file=sys.stderr)


PRIORITIES: Final[Mapping[str, Level]] = {
    "info": Level(INFO, ""),
    "warn": Level(WARNING, "warning: "),
    "warning": Level(WARNING, "warning: "),
    "error": Level(ERROR, "error: "),
    "fatal": Level(CRITICAL, "fatal: "),
    "panic": Level(CRITICAL, "panic: "),
}
