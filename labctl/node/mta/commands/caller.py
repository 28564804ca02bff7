"""Who calls a command, and whether main.cf lets him: authorized_submit_users and its like."""

from __future__ import annotations

import os

from labctl.node.base import accounts
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps.match_list import string_list


def refused(config: Config, parameter: str) -> str:
    """``ann(1001)`` when the list does not have the caller; "" for everybody else."""
    uid = os.getuid()
    account = accounts.by_uid(uid)
    name = account.name if account else "unknown"
    # postconf(5) authorized_submit_users: root and the mail system always may.
    if uid == 0 or name == config.text("mail_owner"):
        return ""
    return "" if name in string_list(config, parameter) else f"{name}({uid})"
