"""What a failed delivery into a mailbox means for the message: try again, or give it back.

INPUT AND OUTPUT
    ``outcome(failure, default, prefix)``: the agent's default status stands, unless the
    reason is one that time (another program, a full disk) or nobody (a limit) will change.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Final

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery import sys_exits
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred, failed
from labctl.node.store.locking import LockPolicy
from labctl.node.store.mbox.delivery import CannotDeliver

WRITING_FAILED: Final = "5.3.0"


def outcome(failure: CannotDeliver, default: str, prefix: str = "") -> DeliveryStatus:
    """The status of a recipient whose mailbox did not take the message."""
    if failure.writing:
        default = WRITING_FAILED
    status = STATUS_OF_ERROR.get(failure.errno, default)
    result = by_class(status, prefix + failure.reason)
    if not failure.writing:
        return result
    text = sys_exits.detail(sys_exits.EX_IOERR).text
    return result._replace(diagnostic_type="x-unix", diagnostic=text)


def by_class(status: str, reason: str) -> DeliveryStatus:
    """A failure whose first digit says whether to try again."""
    return deferred(reason, status) if status.startswith("4") else failed(reason, status)


def lock_policy(config: Config, methods: str) -> LockPolicy:
    """How this system locks mailboxes; ``methods`` names the parameter of the agent."""
    return LockPolicy(
        config.words(methods),
        config.number("deliver_lock_attempts"),
        config.seconds("deliver_lock_delay"),
        config.seconds("stale_lock_time"),
    )


STATUS_OF_ERROR: Final[Mapping[int, str]] = {
    errno.EAGAIN: "4.2.0",
    errno.ESTALE: "4.2.0",
    errno.EEXIST: "4.2.0",  # the lock of somebody else
    errno.ENOSPC: "4.3.0",
    errno.EFBIG: "5.2.2",
    errno.EDQUOT: "5.2.2",
}
