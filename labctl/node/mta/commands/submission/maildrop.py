"""Leave a message in maildrop: what postdrop(1) does for sendmail(1).

WHY MODE 0744
    maildrop can be written by everybody and listed by nobody but mail_owner; pickup(8), which
    is not root, must be able to read a file whose owner is the sender.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Final

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.directory import NewFile, QueueDirectory
from labctl.node.mta.lib.services import ipc

READY: Final = 0o744


class TooBig(Exception):
    """More than message_size_limit."""


def drop(config: Config, records: Iterable[bytes], log: Log) -> str:
    """Write a complete file and wake pickup up; returns its name."""
    queue = QueueDirectory(config)
    try:
        file = queue.create("maildrop")
    except OSError as error:
        raise Fatal(f"create file maildrop: {error.strerror}", status=75) from error
    try:
        _write(file, records, config.number("message_size_limit"))
    except BaseException:
        queue.remove("maildrop", file.queue_id)
        raise
    finally:
        os.close(file.fd)
    _wake(config, log)
    return file.queue_id


def _write(file: NewFile, records: Iterable[bytes], limit: int) -> None:
    size = 0
    with open(file.fd, "wb", closefd=False) as out:
        for encoded in records:
            size += len(encoded)
            if 0 < limit < size:
                raise TooBig
            out.write(encoded)
        out.flush()
        # From here on the message is there: pickup looks for this bit.
        os.fchmod(file.fd, READY)
        os.fsync(file.fd)


def _wake(config: Config, log: Log) -> None:
    service = config.text("pickup_service_name")
    if os.path.exists(ipc.service_path(config, "public", service)):
        ipc.trigger(config, "public", service, b"W")
        return
    text = f"unable to look up public/{service}: No such file or directory"
    print(f"postdrop: warning: {text}", file=sys.stderr)
    log.named("postdrop").warning(text)
