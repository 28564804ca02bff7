"""What to run for a recipient, and what its exit status means.

INPUT AND OUTPUT
    A ``Command`` is run by ``command_process.run()``, which returns a ``Result``;
    ``result.status(name, success)`` is what that means for the recipient.

WHY NOT ALWAYS A SHELL
    A command without shell syntax is executed directly, as local(8) does: it saves a process,
    and keeps the signal that ended the command from becoming an exit status of the shell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery import sys_exits
from labctl.node.mta.lib.delivery.mailbox_outcome import by_class
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, sent

DEFAULT_PATH: Final = "/usr/bin:/bin"


class Command(NamedTuple):
    """What to run, and as whom."""

    argv: Sequence[str]
    account: Account
    directory: str
    environment: Mapping[str, str]
    time_limit: float
    text: str = ""  # the command as a shell would read it, if it may
    chroot: str = ""  # the directory that is the root of the command's world
    complaint: str = ""  # how texts begin when there is no such program
    # A program of ours that this process has loaded already: forked, not executed.
    warm: Callable[[], int] | None = None
    set_group: int | None = None  # with ``warm``: the group of a program that is setgid
    file_size_limit: int = 0  # no file of the command's grows beyond that; 0: no limit


class Result(NamedTuple):
    """How it ended: by itself, by a signal, or because its time was over."""

    exit_status: int = 0
    signal: int = 0
    timed_out: bool = False
    output: str = ""  # one line, printable

    @property
    def succeeded(self) -> bool:
        return not (self.exit_status or self.signal or self.timed_out)

    def status(self, name: str, success: str) -> DeliveryStatus:
        """The outcome for the recipient; ``name`` is what texts call the command."""
        if self.succeeded:
            return sent(success)
        if self.timed_out:
            return self._died(name, "5.3.0", "Command time limit exceeded")
        if self.signal:
            return self._died(name, "4.3.0", f"Command died with signal {self.signal}")
        # The command may say what it thinks itself: "5.7.1 go away".
        if own := OWN_STATUS.match(self.output):
            return _unix(own[1], own[2], own[2])
        if not sys_exits.is_known(self.exit_status):
            return self._died(name, "5.3.0", f"Command died with status {self.exit_status}")
        known = sys_exits.detail(self.exit_status)
        return _unix(known.status, known.text + self._spoken(), self.output or known.text)

    def _died(self, name: str, status: str, how: str) -> DeliveryStatus:
        code = self.exit_status or sys_exits.EX_SOFTWARE
        told = self.output or sys_exits.detail(code).text
        return _unix(status, f'{how}: "{name}"{self._spoken()}', told)

    def _spoken(self) -> str:
        return f". Command output: {self.output}" if self.output else ""


def split_command(text: str, shell: str = "") -> list[str]:
    """The arguments to execute: a shell's, or, without shell syntax, the command's own."""
    if shell:
        return [*shell.split(), text]
    if text.strip() and PLAIN.fullmatch(text):
        return text.split()
    return ["sh", "-c", text]


def exported(config: Config) -> dict[str, str]:
    """postconf(5) export_environment: what a command may see of our own environment."""
    ours = {"MAIL_CONFIG": config.directory, **os.environ}
    # Whoever started us by hand has not seen import_environment, which sets LANG=C.
    ours |= _assignments(config.words("import_environment"))
    wanted = config.words("export_environment")
    inherited = {name: ours[name] for name in wanted if name in ours}
    return {**inherited, **_assignments(wanted), "PATH": DEFAULT_PATH}


def time_limit(config: Config, service: str) -> float:
    """postconf(5) transport_time_limit: that of the service, or the one of all commands."""
    name = f"{service}_time_limit"
    return config.seconds(name if config.is_set(name) else "command_time_limit")


def _assignments(words: Sequence[str]) -> dict[str, str]:
    return {name: value for name, sign, value in (w.partition("=") for w in words) if sign}


def _unix(status: str, reason: str, diagnostic: str) -> DeliveryStatus:
    outcome = by_class(status, reason)
    return outcome._replace(diagnostic_type="x-unix", diagnostic=diagnostic)


# Characters that mean nothing to a shell.
PLAIN: Final = re.compile(r"[A-Za-z0-9!@%_=+:,./ \t-]*")
OWN_STATUS: Final = re.compile(r"([45]\.\d{1,3}\.\d{1,3}) +(.*)")
