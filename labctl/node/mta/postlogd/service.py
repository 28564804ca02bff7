"""postlogd(8): take log lines from a datagram socket, append them to maillog_file.

WHY
    With maillog_file set, each daemon has the file open since it was root.  A user's sendmail
    never was, and hands its lines to us.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
from typing import Final

from labctl.node.base.log import Sink
from labctl.node.mta.lib.daemon.server import ServiceContext

LARGEST: Final = 8192
PRIORITY: Final = re.compile(rb"<\d{1,3}>")
DATE_WIDTH: Final = 16  # "Nov  3 09:00:00 "


def prepare(context: ServiceContext) -> None:
    """Open the file while we are root."""
    context.log.open()


def serve(context: ServiceContext) -> None:
    """Write what comes, until nobody has said anything for max_idle seconds."""
    poll = select.poll()
    for listener in context.listeners:
        poll.register(listener, select.POLLIN)
    if context.status.descriptor >= 0:
        poll.register(context.status.descriptor, 0)
    listeners = {listener.fileno(): listener for listener in context.listeners}
    while ready := poll.poll(context.limits.max_idle * 1000):
        for descriptor, _event in ready:
            if descriptor not in listeners:
                return
            with contextlib.suppress(BlockingIOError):
                _write(context.log.sink, listeners[descriptor].recv(LARGEST))


def _write(sink: Sink, datagram: bytes) -> None:
    line = with_host(datagram, os.uname().nodename)
    if line is not None:
        sink.append(line)


def with_host(datagram: bytes, hostname: str) -> bytes | None:
    """A line of the file from a datagram of syslog(3); None if it is not one."""
    match = PRIORITY.match(datagram)
    if match is None:
        return None
    text = datagram[match.end() :].replace(b"\n", b" ").replace(b"\0", b" ")
    host = hostname.partition(".")[0].encode()
    return text[:DATE_WIDTH] + host + b" " + text[DATE_WIDTH:] + b"\n"
