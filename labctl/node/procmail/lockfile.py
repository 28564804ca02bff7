"""lockfile(1): make lock files that scripts and procmail agree on.

NAME
    lockfile -sleeptime | -r retries | -l locktimeout | -s suspend | -! | -ml | -mu | file ...

EXIT STATUS
    0 all files are made, 73 not (69 where that is hopeless); -! turns it round.  When one
    file of several cannot be made those made before it are removed: all locks or none.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import accounts

EX_USAGE, EX_UNAVAILABLE, EX_CANTCREAT = 64, 69, 73
VERSION: Final = "lockfile v3.23pre 2001/09/13\n"
USAGE: Final = (
    "Usage: lockfile -v | -nnn | -r nnn | -l nnn | -s nnn | -! | -ml | -mu | file ...\n"
)


@dataclass
class Patience:
    """The command line of lockfile(1): how often, how long, how old."""

    sleep: float = 8.0  # -nnn
    retries: int = -1  # -r; negative is for ever
    timeout: float = 0.0  # -l: older locks are broken; 0 is never
    suspend: float = 16.0  # -s: after a lock was broken


@dataclass
class _Work:
    patience: Patience = field(default_factory=Patience)
    made: list[str] = field(default_factory=list)
    inverted: bool = False


def main(argv: Sequence[str]) -> int:
    """Options hold for the files behind them."""
    work, left = _Work(), list(argv[1:])
    status = EX_USAGE if not left else 0
    if not left:
        sys.stderr.write(USAGE)
    while left and not status:
        status = _word(left.pop(0), left, work)
    if status:
        for path in work.made:
            with suppress(FileNotFoundError):
                os.unlink(path)
    return _inverted(status) if work.inverted else status


def _word(word: str, left: list[str], work: _Work) -> int:
    if not word.startswith("-") or word == "-":
        return _make(word, work)
    letter, value = word[1:2], word[2:]
    if letter == "!":
        work.inverted = True
    elif letter == "m":
        return _mailbox(value, work)
    elif letter == "v":
        sys.stderr.write(VERSION)
    elif letter.isdigit():
        work.patience.sleep = float(word[1:])
    elif name := VALUES.get(letter):
        number = value or (left.pop(0) if left else "")
        if not number.lstrip("-").isdigit():
            sys.stderr.write(USAGE)
            return EX_USAGE
        setattr(work.patience, name, int(number))
    else:
        sys.stderr.write(USAGE)
        return EX_USAGE
    return 0


def _mailbox(action: str, work: _Work) -> int:
    """-ml and -mu: the lock of one's own mailbox."""
    account = accounts.by_uid(os.getuid())
    path = f"/var/mail/{account.name if account else os.getuid()}.lock"
    if action == "l":
        return _make(path, work)
    try:
        os.unlink(path)
    except OSError:
        sys.stderr.write(f'lockfile: Can\'t unlock "{path}"\n{USAGE}')
        return EX_USAGE
    return 0


def _make(path: str, work: _Work) -> int:
    retries = work.patience.retries
    while True:
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        except FileExistsError:
            if _break_if_old(path, work.patience):
                continue
        except OSError:
            sys.stderr.write(f'lockfile: Try praying, giving up on "{path}"\n')
            return EX_UNAVAILABLE
        else:
            os.write(fd, b"0")  # as procmail's own: no process to ask for
            os.close(fd)
            work.made.append(path)
            return 0
        if retries == 0:
            sys.stderr.write(f'lockfile: Sorry, giving up on "{path}"\n')
            return EX_CANTCREAT
        retries -= 1
        time.sleep(work.patience.sleep)


def _break_if_old(path: str, patience: Patience) -> bool:
    with suppress(FileNotFoundError):
        if not patience.timeout or time.time() - os.stat(path).st_mtime <= patience.timeout:
            return False
        sys.stderr.write(f'lockfile: Forcing lock on "{path}"\n')
        os.unlink(path)
        # Whoever broke it too must have the time to see that it is gone.
        time.sleep(patience.suspend)
    return True


def _inverted(status: int) -> int:
    return 0 if status == EX_CANTCREAT else EX_CANTCREAT if status == 0 else status


VALUES: Final = {"r": "retries", "l": "timeout", "s": "suspend"}
