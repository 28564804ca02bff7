"""What an rcfile finds set when it begins, procmailrc(5) "Environment"."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from labctl.node.base.accounts import Account


def defaults(account: Account, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a user; ``extra`` is the environment that -p preserves."""
    mailbox = f"/var/mail/{account.name}"
    return {
        **(extra or {}),
        "HOME": account.home,
        "LOGNAME": account.name,
        "USER": account.name,
        "SHELL": account.shell if account.shell.endswith("sh") else "/bin/sh",
        "PATH": f"{account.home}/bin:/usr/local/bin:/usr/bin:/bin",
        "ORGMAIL": mailbox,
        "DEFAULT": mailbox,
        "MAILDIR": account.home,
        "HOST": os.uname().nodename,
        **FIXED,
    }


FIXED: Final[Mapping[str, str]] = {
    "SHELLMETAS": "&|<>~;?*[",
    "SHELLFLAGS": "-c",
    "SENDMAIL": "/usr/sbin/sendmail",
    "SENDMAILFLAGS": "-oi",
    "LOCKEXT": ".lock",
    "MSGPREFIX": "msg.",
    "LINEBUF": "2048",
    "PROCMAIL_VERSION": "3.23pre",
    "_": "",
    "?": "0",
    "=": "0",
}
# What is set for rcfiles but not shown to commands.
INTERNAL: Final = frozenset({"_", "?", "=", "#", "@", "-", "$", *"0123456789"})
