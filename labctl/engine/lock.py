"""One labctl at a time changes a lab; the second is told who is at it.

The lock is an abstract socket (unix(7)): the kernel gives it back whatever happens to its
holder, and SO_PEERCRED names the holder to whoever finds it taken.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from labctl.errors import LabError


@contextlib.contextmanager
def changing(lab: str) -> Iterator[None]:
    """Hold the lock of a lab; ``LabError`` when another process has it."""
    name = f"\0labctl/{os.getuid()}/{lab}/lock"
    with socket.socket(socket.AF_UNIX) as lock:
        try:
            lock.bind(name)
        except OSError as error:
            raise LabError(
                f"lab {lab!r} is being changed by another labctl{_holder(name)}",
                hint="Wait until it has finished, or stop it with Ctrl-C there.",
            ) from error
        lock.listen(8)
        yield


def _holder(name: str) -> str:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(name)
        except OSError:
            return ""
        data = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid = struct.unpack("3i", data)[0]
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return f" (pid {pid})"
    return f" (pid {pid}: {' '.join(words[-4:])})"
