"""One process of a service at a time, also while a dead master's last children still run.

WHY A LOCK
    master starts one qmgr, but when master is killed its qmgr lives on for a moment, or for
    seconds on a busy machine.  What such an orphan moves into active/ behind the back of the
    next qmgr would lie there until the one after that.  The lock ends with its process.

INPUT AND OUTPUT
    A daemon that must be alone calls ``outlive_predecessor(context)`` in its ``prepare()``:
    the lock lies in pid/, where only root may create files.
"""

from __future__ import annotations

import os
from typing import Final

from labctl.node.base import locks
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.daemon.context import ServiceContext

PATIENCE: Final = 60.0  # an orphan that takes longer hangs; master tries us again later


def outlive_predecessor(context: ServiceContext) -> None:
    """Wait until no other process of the service is left, and stay the only one."""
    descriptor = os.open(lock_file(context), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Never closed by us: the lock is held as long as the process lives.
        locks.lock_flock(descriptor, patience=PATIENCE)
    except locks.LockTimeout:
        raise Fatal(f"another process of service {context.service} does not end") from None


def lock_file(context: ServiceContext) -> str:
    """Named as Postfix names the locks of its services: pid/unix.qmgr."""
    queue = context.config.text("queue_directory")
    directory = context.config.text("process_id_directory")
    return os.path.join(queue, directory, f"{context.kind.value}.{context.service}")
