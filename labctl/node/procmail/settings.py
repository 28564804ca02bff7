"""Variables that do something as soon as they are set, procmailrc(5) "Environment"."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.procmail import locks
from labctl.node.procmail.state import Processor


class LeaveRcfile(Exception):
    """The rest of this rcfile does not matter."""


class HostMismatch(Exception):
    """HOST was set to another name than ours: we have nothing to do with this message."""


def assign(processor: Processor, name: str, value: str | None) -> None:
    """Set a variable, or unset it, and do what some of them do at once."""
    if value is None:
        processor.variables.pop(name, None)
    else:
        processor.variables[name] = value
    if name not in UNSPOKEN:
        said = name if value is None else f"{name}={value}"
        processor.diary.detail(f'Assigning "{said}"')
    if effect := EFFECTS.get(name):
        effect(processor, value or "")


def is_true(text: str) -> bool:
    """yes, on, true, all, and numbers other than 0."""
    word = text.strip().lower()
    return (
        word[:1] in ("a", "t", "y", "e") or word == "on" or (word.isdigit() and int(word) > 0)
    )


def _log(processor: Processor, value: str) -> None:
    processor.diary.write(value)


def _logfile(processor: Processor, value: str) -> None:
    processor.diary.open(value)


def _verbose(processor: Processor, value: str) -> None:
    was, now = processor.diary.is_verbose, is_true(value)
    if was:
        processor.diary.detail(f'Assigning "VERBOSE={value}"')
    processor.diary.is_verbose = now
    if now and not was:
        processor.diary.stamp()


def _maildir(processor: Processor, value: str) -> None:
    try:
        os.chdir(value)
    except OSError:
        processor.diary.say(f'Couldn\'t chdir to "{value}"')
        processor.variables["MAILDIR"] = "."


def _umask(_processor: Processor, value: str) -> None:
    if value and all(digit in "01234567" for digit in value):
        os.umask(int(value, 8))


def _lockfile(processor: Processor, value: str) -> None:
    """The lock of the whole rcfile: the one before is given up."""
    processor.lock.close()
    if value:
        locks.hold(processor, value, processor.lock)


def _shift(processor: Processor, value: str) -> None:
    """$1, $2, ... move up."""
    count = int(value) if value.strip().isdecimal() else 0
    total = processor.number("#", 0)
    left = [processor.variables.pop(str(number + 1), "") for number in range(total)][count:]
    processor.variables |= {str(number + 1): text for number, text in enumerate(left)}
    processor.variables |= {"#": str(len(left)), "@": " ".join(left)}


def _host(processor: Processor, value: str) -> None:
    name = os.uname().nodename
    if value != name:
        processor.diary.detail(f'HOST mismatched "{name}"')
        raise HostMismatch


UNSPOKEN: Final = frozenset({"VERBOSE", "LOGFILE"})
EFFECTS: Final[Mapping[str, Callable[[Processor, str], None]]] = {
    "LOG": _log,
    "LOGFILE": _logfile,
    "VERBOSE": _verbose,
    "MAILDIR": _maildir,
    "UMASK": _umask,
    "LOCKFILE": _lockfile,
    "SHIFT": _shift,
    "HOST": _host,
}
