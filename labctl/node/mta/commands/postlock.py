"""postlock(1): run a command while a mailbox is locked, from a script.

INPUT AND OUTPUT
    ``postlock [-c DIR] [-l STYLE] [-v] FILE COMMAND...``: the exit status is the command's, or
    75 when the lock could not be had.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import parse_options
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.store.locking import LockPolicy, MailboxBusy, mailbox_lock

EX_TEMPFAIL: Final = 75
USAGE: Final = "postlock [-c config_dir] [-l lock_style] [-v] folder command..."
STYLES: Final = ("fcntl", "flock", "dotlock")


def main(argv: Sequence[str]) -> int:
    """Lock, run, unlock."""
    try:
        options = parse_options(argv, "c:l:v", USAGE)
    except Fatal as wrong:
        raise Fatal(str(wrong), status=EX_TEMPFAIL) from wrong
    if len(options.words) < 2:
        raise Fatal(f"usage: {USAGE}", status=EX_TEMPFAIL)
    path, *command = options.words
    policy = _policy(Config.read(options.value("c")), options.value("l"))
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with open(fd, "rb"), mailbox_lock(path, fd, policy):
            return _run(command)
    except MailboxBusy as error:
        raise _not_locked(path, f"unable to create lock file {path}.lock", error) from error
    except OSError as error:
        what = f"unable to create lock file {path}.lock" if "dotlock" in policy.methods else ""
        raise _not_locked(path, what, error) from error


def _policy(config: Config, style: str | None) -> LockPolicy:
    text = config.text("mailbox_delivery_lock") if style is None else style
    methods = tuple(text.replace(",", " ").split())
    if unknown := [method for method in methods if method not in STYLES]:
        complaint = f'unknown mailbox_delivery_lock value "{unknown[0]}" in "{text}"'
        raise Fatal(complaint, status=EX_TEMPFAIL)
    return LockPolicy(
        methods,
        config.number("deliver_lock_attempts"),
        config.seconds("deliver_lock_delay"),
        config.seconds("stale_lock_time"),
    )


def _run(command: Sequence[str]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(command)
    # The command decides what an interrupt of the terminal means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = os.waitpid(pid, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else EX_TEMPFAIL


def _become(command: Sequence[str]) -> None:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        text = f"execvp {command[0]}: {os.strerror(error.errno or 0)}"
        print(f"postlock: fatal: {text}", file=sys.stderr, flush=True)
        os._exit(1)


def _not_locked(path: str, what: str, error: OSError) -> Fatal:
    reason = os.strerror(error.errno or 0)
    middle = f"{what}: " if what else ""
    return Fatal(f"open file {path}: {middle}{reason}", status=EX_TEMPFAIL)
