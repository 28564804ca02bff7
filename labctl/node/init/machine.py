"""What a machine is, apart from its services: its files in /etc, its routes, its powers.

WHY
    Docker mounts resolv.conf, hosts and hostname itself, so the lab's own wait beside them.
    Docker 20.10 gives a container on an internal network a default route all the same; without
    it, nothing of a lab can reach the world.  Then nobody in the node needs CAP_NET_ADMIN.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from labctl.node.base import clock
from labctl.node.init.neighbours import notice_cuts_soon

MOUNTED: Final = Path("/etc/labctl/mounted")
ROUTES: Final = Path("/proc/net/route")
SIOCDELRT: Final = 0x890C
RTF_UP = 0x1
# struct rtentry of <linux/route.h> on a 64-bit machine.
RTENTRY: Final = struct.Struct("@L16s16s16sHh4xLPh6xPLLH6x")
CAP_NET_ADMIN: Final = 12
PR_CAPBSET_DROP: Final = 24
CAPABILITY_VERSION_3: Final = 0x20080522


def prepare() -> None:
    """Everything that must be so before the first service starts."""
    write_mounted_files()
    with contextlib.suppress(PermissionError):
        remove_default_routes()
    with contextlib.suppress(OSError):
        notice_cuts_soon()
    with contextlib.suppress(OSError):
        give_up_net_admin()
    # With the file there, all programs follow the lab's clock from their first look on.
    clock.advance(0.0)


def write_mounted_files(source: Path = MOUNTED, target: Path = Path("/etc")) -> None:
    """Write into the mounted files: they cannot be replaced."""
    if source.is_dir():
        for path in sorted(source.iterdir()):
            (target / path.name).write_bytes(path.read_bytes())


def default_routes(table: str) -> Iterator[str]:
    """The interfaces of the default routes in the text of /proc/net/route."""
    for line in table.splitlines()[1:]:
        interface, destination, _gateway, _flags, _, _, _, mask = line.split()[:8]
        if int(destination, 16) == 0 and int(mask, 16) == 0:
            yield interface


def remove_default_routes() -> None:
    """Without a default route there is no way out of the lab's networks."""
    table = ROUTES.read_text() if ROUTES.exists() else ""
    for _interface in default_routes(table):
        any_address = struct.pack("=H14x", socket.AF_INET)
        route = RTENTRY.pack(
            0, any_address, any_address, any_address, RTF_UP, 0, 0, 0, 0, 0, 0, 0, 0
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCDELRT, route)


def give_up_net_admin() -> None:
    """Nobody in this machine can change its network any more, not even root."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # effective, permitted, inheritable; then the same for capabilities from 32 on.
    data = (ctypes.c_uint32 * 6)()
    _check(libc.capget(header, data))
    for index in (0, 1, 2):
        data[index] &= ~(1 << CAP_NET_ADMIN)
    _check(libc.capset(header, data))


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
