"""postlog(1): one line of log per line of text, from a script.

INPUT AND OUTPUT
    ``postlog [-i] [-c DIR] [-p PRIORITY] [-t TAG] [text ...]``; without text, each line of
    standard input.  The line is shown on standard error too when that is a terminal.
"""

from __future__ import annotations

import getopt
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base.log import CRITICAL, ERROR, INFO, WARNING, Log
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
        return _complain(f"invalid option -- '{error.opt}'")
    options = dict(pairs)
    name = options.get("-p", "info")
    if name not in PRIORITIES:
        return _complain_to_terminal(f"fatal: unknown priority: {name}")
    config = Config.read(options.get("-c"))
    # postlogd(8) takes the lines of root and of setgid programs, and we are not one.
    if config.text("maillog_file") and os.geteuid() != 0:
        return 1
    log = _log(config, options)
    for text in [" ".join(words)] if words else map(str.rstrip, sys.stdin):
        _write(log, PRIORITIES[name], text)
    return 0


def _complain(text: str) -> int:
    print(f"postlog: {text}", file=sys.stderr)
    return 1


def _complain_to_terminal(text: str) -> int:
    """A script's standard error is for what the script says."""
    return _complain(text) if sys.stderr.isatty() else 1


def _log(config: Config, options: Mapping[str, str]) -> Log:
    """A tag stands alone: `-t postfix/postfix-script` is the whole name."""
    log = mail_log(config, "postlog")
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
