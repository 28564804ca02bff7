"""Which module runs under which program name; only strings, nothing is imported by the table.

NAME
    programs - the one table of a node's programs

INPUT AND OUTPUT
    ``PROGRAMS``  name -> module with ``main(argv) -> int``
    ``DAEMONS``   name -> module with ``serve(context) -> None``, started by master(8) only
    ``COMMANDS``  path of a link -> program, the links of a node image

WHY STRINGS
    A command must start in some tens of milliseconds, and so imports its own module only.
    init and master import all that they will need once, and then fork.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Final


class UnknownProgram(Exception):
    """No module stands behind this name."""


def load(name: str) -> ModuleType:
    """Import the module of a program or daemon."""
    path = PROGRAMS.get(name) or DAEMONS.get(name)
    if path is None:
        raise UnknownProgram(f"{name}: no such program")
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as missing:
        # Only if it is the program itself: what it imports in vain is a defect.
        if missing.name and f"{path}.".startswith(f"{missing.name}."):
            text = f"{name}: this program is not there yet ({path})"
            raise UnknownProgram(text) from missing
        raise


def warm(name: str) -> None:
    """Import a program before it is forked, with what it imports at its first client only.

    A module says so by a function ``warm_up``: a command must not pay for what a daemon
    needs, and the first client of a daemon must not wait for it.
    """
    warm_up = getattr(load(name), "warm_up", None)
    if warm_up is not None:
        warm_up()


_NODE = "labctl.node"
_MTA = "labctl.node.mta"

# Where in mta/commands a command lies: by itself, or in a room with its like.
_TOOLS: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        "postfix",
        "postconf",
        "postmap",
        "postalias",
        "newaliases",
        "postlog",
        "postkick",
        "postlock",
    ),
    "queue.": ("postqueue", "mailq", "postsuper", "postcat", "qshape"),
    "submission.": ("sendmail", "postdrop"),
}

PROGRAMS: Final[Mapping[str, str]] = {
    "init": f"{_NODE}.init.program",
    "syslogd": f"{_NODE}.syslogd.program",
    "named": f"{_NODE}.named.program",
    "inetd": f"{_NODE}.inetd.program",
    "xinetd": f"{_NODE}.inetd.xinetd.program",
    "imapd": f"{_NODE}.imapd.program",
    "ipop3d": f"{_NODE}.pop3d.program",
    "procmail": f"{_NODE}.procmail.program",
    "formail": f"{_NODE}.procmail.formail",
    "lockfile": f"{_NODE}.procmail.lockfile",
    "mail": f"{_NODE}.mail.program",
    "mb2md": f"{_NODE}.mb2md.program",
    "mailx": f"{_NODE}.mail.program",
    "master": f"{_MTA}.master.program",
    **{
        name: f"{_MTA}.commands.{room}{name}"
        for room, names in _TOOLS.items()
        for name in names
    },
}

# Several names may lead to one program, as in Postfix: it looks at its own name.
DAEMONS: Final[Mapping[str, str]] = {
    "smtpd": f"{_MTA}.smtpd.service",
    "cleanup": f"{_MTA}.cleanup.service",
    "qmgr": f"{_MTA}.qmgr.service",
    "trivial-rewrite": f"{_MTA}.rewrite.service",
    "pickup": f"{_MTA}.pickup.service",
    "local": f"{_MTA}.local.service",
    "virtual": f"{_MTA}.virtual.service",
    "pipe": f"{_MTA}.pipe.service",
    "smtp": f"{_MTA}.smtp.service",
    "lmtp": f"{_MTA}.smtp.service",
    "bounce": f"{_MTA}.bounce.service",
    "defer": f"{_MTA}.bounce.service",
    "trace": f"{_MTA}.bounce.service",
    "error": f"{_MTA}.error.service",
    "retry": f"{_MTA}.error.service",
    "discard": f"{_MTA}.discard.service",
    "showq": f"{_MTA}.showq.service",
    "anvil": f"{_MTA}.anvil.service",
    "verify": f"{_MTA}.verify.service",
    "flush": f"{_MTA}.flush.service",
    "proxymap": f"{_MTA}.proxymap.service",
    "tlsmgr": f"{_MTA}.tlsmgr.service",
    "scache": f"{_MTA}.scache.service",
    "postlogd": f"{_MTA}.postlogd.service",
    "spawn": f"{_MTA}.spawn.service",
}

_SBIN: Final = (
    "postfix",
    "postconf",
    "postmap",
    "postalias",
    "postqueue",
    "postsuper",
    "postcat",
    "postdrop",
    "postlog",
    "postkick",
    "postlock",
    "qshape",
    "sendmail",
    "imapd",
    "ipop3d",
    "inetd",
    "xinetd",
    "init",
    "syslogd",
    "named",
)
_BIN: Final = (
    "mailq",
    "newaliases",
    "procmail",
    "formail",
    "lockfile",
    "mail",
    "mailx",
    "mb2md",
)

COMMANDS: Final[Mapping[str, str]] = {
    **{f"/usr/sbin/{name}": name for name in _SBIN},
    **{f"/usr/bin/{name}": name for name in _BIN},
    "/usr/lib/sendmail": "sendmail",
    "/usr/lib/postfix/sbin/master": "master",
    **{f"/usr/lib/postfix/sbin/{name}": name for name in DAEMONS},
}
