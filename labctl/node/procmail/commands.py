"""The commands of an rcfile: |command, `command`, * ? command, !address.

A command with characters of SHELLMETAS in it goes to the shell; others are split into words
and executed, procmailrc(5).
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from labctl.node.procmail import words
from labctl.node.procmail.variables import INTERNAL
from labctl.node.procmail.words import Run


class Ended(NamedTuple):
    """How a command ended, what it printed, and what the log calls it."""

    status: int
    output: bytes
    name: str

    @property
    def succeeded(self) -> bool:
        return self.status == 0


def run(
    line: str, data: bytes, variables: Mapping[str, str], log: int, substitute: Run
) -> Ended:
    """Run a command line with this input."""
    if any(character in variables.get("SHELLMETAS", "") for character in line):
        shell = [variables.get("SHELL") or "/bin/sh", variables.get("SHELLFLAGS") or "-c"]
        return execute([*shell, line], data, variables, log, name=line)
    argv = words.split(line, variables, substitute)
    return execute(argv, data, variables, log, name=argv[0] if argv else "")


def execute(
    argv: Sequence[str], data: bytes, variables: Mapping[str, str], log: int, *, name: str
) -> Ended:
    """Run a program with this input; a program that is not there has failed."""
    try:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(variables),
        )
    except (OSError, IndexError):
        return Ended(127, b"", name)
    timeout = float(variables.get("TIMEOUT") or 0) or None
    try:
        output, _ = child.communicate(data, timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        output, _ = child.communicate()
    return Ended(child.returncode, output, name)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in INTERNAL}
