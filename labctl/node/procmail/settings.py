"""Variables that do something as soon as they are set, procmailrc(5) "Environment"."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from labctl.node.procmail.interpreter import Processor


class LeaveRcfile(Exception):
    """The rest of this rcfile does not matter."""


class HostMismatch(Exception):
    """HOST was set to another name than ours: we have nothing to do with this message."""


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
    processor.diary.is_verbose = is_true(value)
    if processor.diary.is_verbose:
        processor.diary.stamp()


def _maildir(processor: Processor, value: str) -> None:
    try:
        os.chdir(value)
    except OSError:
        processor.diary.say(f'Couldn\'t chdir to "{value}"')


def _umask(_processor: Processor, value: str) -> None:
    if value and all(digit in "01234567" for digit in value):
        os.umask(int(value, 8))


def _include(processor: Processor, value: str) -> None:
    if value:
        processor.include(value)


def _switch(processor: Processor, value: str) -> None:
    processor.include(value)
    raise LeaveRcfile


def _host(processor: Processor, value: str) -> None:
    if value != os.uname().nodename:
        processor.diary.detail(f'HOST mismatched "{value}"')
        raise HostMismatch


SPECIAL: Final[Mapping[str, Callable[[Processor, str], None]]] = {
    "LOG": _log,
    "LOGFILE": _logfile,
    "VERBOSE": _verbose,
    "MAILDIR": _maildir,
    "UMASK": _umask,
    "INCLUDERC": _include,
    "SWITCHRC": _switch,
    "HOST": _host,
}
