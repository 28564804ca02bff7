"""The commands of an rcfile: |command, `command`, * ? command, !address.

A command with characters of SHELLMETAS in it goes to the shell; others are split into words
and executed, procmailrc(5).  A program that is not there is given to the shell as well, which
may know it as a script of its own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.procmail import words
from labctl.node.procmail.diary import Diary
from labctl.node.procmail.variables import INTERNAL
from labctl.node.procmail.words import Run

TIMEOUT: Final = 960  # seconds, procmailrc(5)
NOT_FOUND: Final = 127


class Ended(NamedTuple):
    """How a command ended, what it printed, and what the log calls it."""

    status: int
    output: bytes
    name: str  # the program, for messages about its failure
    shown: str  # all of it, for the abstract

    @property
    def succeeded(self) -> bool:
        return self.status == 0


def run(
    line: str, data: bytes, variables: Mapping[str, str], diary: Diary, substitute: Run
) -> Ended:
    """Run a command line with this input."""
    if any(character in variables.get("SHELLMETAS", "") for character in line):
        shell = [_shell(variables), variables.get("SHELLFLAGS") or "-c"]
        diary.detail(f'Executing "{line}"')
        ended = _execute([*shell, line], data, variables, diary)
        return ended._replace(name=line, shown=line)
    return execute(words.split(line, variables, substitute), data, variables, diary)


def execute(
    argv: Sequence[str], data: bytes, variables: Mapping[str, str], diary: Diary
) -> Ended:
    """Run a program with this input."""
    diary.detail(f'Executing "{",".join(argv)}"')
    return _execute(argv, data, variables, diary)


def _execute(
    argv: Sequence[str], data: bytes, variables: Mapping[str, str], diary: Diary
) -> Ended:
    name, shown = argv[0] if argv else "", " ".join(argv)
    child = _start(argv, variables, diary) or _start(
        [_shell(variables), *argv], variables, diary
    )
    if child is None:
        return Ended(NOT_FOUND, b"", name, shown)
    limit = variables.get("TIMEOUT", "")
    timeout = int(limit) if limit.isdecimal() else TIMEOUT
    try:
        output, _ = child.communicate(data, timeout or None)
    except subprocess.TimeoutExpired:
        diary.say(f'Timeout, terminating "{name}"')
        child.terminate()
        output = _last_words(child)
    return Ended(child.returncode, output, name, shown)


def _start(
    argv: Sequence[str], variables: Mapping[str, str], diary: Diary
) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=diary.descriptor,
            env=_environment(variables),
        )
    except (OSError, IndexError, ValueError):
        return None


def _last_words(child: subprocess.Popen[bytes]) -> bytes:
    try:
        return child.communicate(timeout=GRACE)[0]
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()[0]


def _shell(variables: Mapping[str, str]) -> str:
    return variables.get("SHELL") or "/bin/sh"


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in INTERNAL}


GRACE: Final = 5.0  # seconds between SIGTERM and SIGKILL
