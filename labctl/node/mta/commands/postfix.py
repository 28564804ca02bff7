"""postfix(1): start, stop, reload, abort, flush, check and status of the mail system.

INPUT AND OUTPUT
    Each command says what it does in the log, as `postfix/postfix-script`, and on standard
    error only when that is a terminal; scripts go by the exit status.
"""

from __future__ import annotations

import contextlib
import errno
import getopt
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from labctl.node import launcher
from labctl.node.base import clock
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands import log_rotation
from labctl.node.mta.commands.postconf import master_cf_entry
from labctl.node.mta.commands.postconf.names import known_names, pointless
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.startup_check import unobeyed
from labctl.node.mta.lib.daemon import mail_system
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue import integrity, subdirectories

PATIENCE: Final = 5.0  # seconds that master has to end
LOOK_AGAIN: Final = 0.01


class Script:
    """The configuration, and a voice."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._log: Log = mail_log(config, "postfix-script")

    def say(self, text: str) -> None:
        self._log.info(text)
        self._show(text)

    def warn(self, text: str) -> None:
        self._log.warning(text)
        self._show(f"warning: {text}")

    def fail(self, text: str) -> int:
        self._log.fatal(text)
        self._show(f"fatal: {text}")
        return 1

    def _show(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"{self._log.syslog_name}/postfix-script: {text}", file=sys.stderr)


def main(argv: Sequence[str]) -> int:
    """Obey one command."""
    options, words = _options(argv)
    if os.geteuid() != 0:
        return _refuse_user()
    try:
        config = Config.read(options.get("-c"))
    except Fatal as failure:
        return _say_on_terminal(f"fatal: {failure}")
    script = Script(config)
    # Postfix asks postconf(1) for every parameter that it needs, and hears its complaints.
    try:
        for warning in _complaints(config):
            print(f"/usr/sbin/postconf: warning: {warning}", file=sys.stderr)
    except Fatal as failure:
        print(f"/usr/sbin/postconf: fatal: {failure}", file=sys.stderr)
        return script.fail("cannot execute /usr/sbin/postconf!")
    command = words[0] if words else ""
    if command not in COMMANDS:
        return script.fail(f"unknown command: '{command}'. Usage: {USAGE}")
    try:
        return COMMANDS[command](script)
    except Fatal as failure:
        return script.fail(str(failure))


def _options(argv: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    try:
        pairs, words = getopt.getopt(list(argv[1:]), "c:Dv")
    except getopt.GetoptError as error:
        print(f"postfix: invalid option -- '{error.opt}'", file=sys.stderr)
        raise SystemExit(1) from error
    return dict(pairs), words


def _complaints(config: Config) -> list[str]:
    path = os.path.join(config.directory, "master.cf")
    if not os.path.exists(path):
        return [*config.complaints, f"open {path}: {os.strerror(errno.ENOENT)}"]
    entries = master_cf_entry.read_entries(path)
    return [*config.complaints, *pointless(config, known_names(config, entries))]


def _refuse_user() -> int:
    submit = "error: to submit mail, use the Postfix sendmail command"
    return _say_on_terminal(submit, "fatal: the postfix command is reserved for the superuser")


def _say_on_terminal(*lines: str) -> int:
    """A script that starts the mail system goes by the exit status."""
    if sys.stderr.isatty():
        for line in lines:
            print(f"postfix: {line}", file=sys.stderr)
    return 1


def start(script: Script) -> int:
    """postfix(1) start."""
    if mail_system.is_running(script.config):
        return script.fail("the Postfix mail system is already running")
    if _check(script):
        return script.fail("Postfix integrity check failed!")
    script.say("starting the Postfix mail system")
    if launcher.main(["master", "-c", script.config.directory, "-w"]):
        return script.fail("mail system startup failed")
    return 0


def start_in_foreground(script: Script) -> int:
    """postfix(1) start-fg."""
    if mail_system.is_running(script.config):
        return script.fail("the Postfix mail system is already running")
    if _check(script):
        return script.fail("Postfix integrity check failed!")
    script.say("starting the Postfix mail system")
    return launcher.main(["master", "-c", script.config.directory])


def stop(script: Script) -> int:
    """postfix(1) stop."""
    return _end(script, "stopping the Postfix mail system")


def abort(script: Script) -> int:
    """postfix(1) abort."""
    return _end(script, "aborting the Postfix mail system")


def reload(script: Script) -> int:
    """postfix(1) reload."""
    master = mail_system.master_pid(script.config)
    if not master:
        return _not_running(script)
    script.say("refreshing the Postfix mail system")
    os.kill(master, signal.SIGHUP)
    return 0


def flush(script: Script) -> int:
    """postfix(1) flush."""
    return launcher.main(["postqueue", "-c", script.config.directory, "-f"])


def check(script: Script) -> int:
    """postfix(1) check."""
    return _check(script)


def status(script: Script) -> int:
    """postfix(1) status."""
    master = mail_system.master_pid(script.config)
    if not master:
        script.say("the Postfix mail system is not running")
        return 1
    script.say(f"the Postfix mail system is running: PID: {master}")
    return 0


def set_permissions(script: Script) -> int:
    """postfix(1) set-permissions."""
    integrity.require(script.config)
    subdirectories.repair(script.config)
    return 0


def rotate_log(script: Script) -> int:
    """postfix(1) logrotate."""
    try:
        log_rotation.rotate(script.config)
    except log_rotation.CannotRotate as reason:
        return script.fail(str(reason))
    return 0


def _check(script: Script) -> int:
    try:
        integrity.require(script.config)
    except Fatal as failure:
        return script.fail(str(failure))
    for warning in integrity.warnings(script.config):
        script.warn(warning)
    for name in unobeyed(script.config):
        script.warn(f"{script.config.directory}/main.cf: {name} is not supported here")
    return 0


def _not_running(script: Script) -> int:
    return script.fail("the Postfix mail system is not running")


def _end(script: Script, what: str) -> int:
    master = mail_system.master_pid(script.config)
    if not master:
        return _not_running(script)
    script.say(what)
    os.kill(master, signal.SIGTERM)
    if not _ends_in_time(script):
        script.warn("stopping the Postfix mail system with force")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(master, signal.SIGKILL)
    return 0


def _ends_in_time(script: Script) -> bool:
    deadline = clock.monotonic() + PATIENCE
    while mail_system.is_running(script.config):
        if clock.monotonic() > deadline:
            return False
        # master is nobody's child here, and so its end can only be looked for.
        time.sleep(LOOK_AGAIN)
    return True


COMMANDS: Final[Mapping[str, Callable[[Script], int]]] = {
    "start": start,
    "start-fg": start_in_foreground,
    "stop": stop,
    "reload": reload,
    "abort": abort,
    "flush": flush,
    "check": check,
    "status": status,
    "set-permissions": set_permissions,
    "upgrade-configuration": set_permissions,
    "logrotate": rotate_log,
}
USAGE: Final = (
    "postfix start (or stop, reload, abort, flush, check, status, set-permissions, "
    "upgrade-configuration, logrotate)"
)
