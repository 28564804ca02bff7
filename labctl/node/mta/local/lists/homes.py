"""postconf(5) require_home_directory: wait for a home that is not there yet.

WHY
    Where homes come from a file server that is down, the user's .forward is not gone, it
    cannot be seen; delivering to the mailbox would be wrong.
"""

from __future__ import annotations

import os

from labctl.node.base import accounts
from labctl.node.base.privileges import acting_as
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred


def trouble(config: Config, user: str) -> DeliveryStatus | None:
    """Why the user's mail must wait, if it must."""
    account = accounts.by_name(user) if config.flag("require_home_directory") else None
    if account is None:
        return None
    try:
        with acting_as(account):
            os.stat(account.home)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        return deferred(f"cannot access home directory {account.home}: {reason}", "4.3.0")
    return None
