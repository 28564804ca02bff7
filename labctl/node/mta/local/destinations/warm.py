"""Commands that are programs of ours: forked with all their modules, not executed.

WHY
    mailbox_command = /usr/bin/procmail is the course's setting.  Starting an interpreter for
    every message takes longer than everything else that happens to the message together.

WHEN NOT
    Only where the path really leads to our launcher: somebody may have put another procmail
    there, and then that one is run.

THE GROUP
    Debian's procmail is setgid mail, so that it can make /var/mail/USER and its lock.  A
    script cannot be setgid; the fork gets the group from here.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from labctl.node.base import accounts, programs

LAUNCHER: Final = "/usr/lib/labctl/run"
# The path as it is written in main.cf -> program.
WARM: Final[Mapping[str, str]] = {
    "/usr/bin/procmail": "procmail",
    "procmail": "procmail",
}


def program(text: str, environment: Mapping[str, str]) -> Callable[[], int] | None:
    """What runs the command in a forked child, or None: execute it."""
    words = _words(text, environment)
    name = WARM.get(words[0]) if words else None
    if name is None or os.path.realpath(f"/usr/bin/{name}") != LAUNCHER:
        return None
    main = programs.load(name).main
    return partial(main, words)


def spool_group() -> int | None:
    """The group of programs that may write into the spool directory."""
    group = accounts.group_by_name("mail")
    return group.gid if group else None


def _words(text: str, environment: Mapping[str, str]) -> list[str]:
    """The arguments, with ``"$EXTENSION"`` replaced; [] for what needs a shell."""
    if not SIMPLE.fullmatch(text):
        return []
    lexer = shlex.split(text)
    return [VARIABLE.sub(lambda found: environment.get(found[1], ""), word) for word in lexer]


WORD: Final = r"""[A-Za-z0-9@%_=+:,./-]+|"\$[A-Z_]+\""""
SIMPLE: Final = re.compile(rf"\s*(?:{WORD})(?:\s+(?:{WORD}))*\s*")
VARIABLE: Final = re.compile(r"\$([A-Z_]+)")
