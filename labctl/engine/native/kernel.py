"""The few system calls of namespaces and mounts that Python has no name for.

Each wrapper raises ``OSError`` with errno and a text that names the call and
its object, because "Operation not permitted" alone tells a user nothing.
Sources: unshare(2), setns(2), mount(2), pivot_root(2), prctl(2), capabilities(7).
"""

from __future__ import annotations

import ctypes
import enum
import os
import struct
from collections.abc import Iterable
from typing import Final


class Namespace(enum.IntFlag):
    """CLONE_* flags of unshare(2) and setns(2)."""

    MOUNT = 0x00020000
    UTS = 0x04000000
    IPC = 0x08000000
    USER = 0x10000000
    PID = 0x20000000
    NET = 0x40000000


class Mount(enum.IntFlag):
    """MS_* flags of mount(2)."""

    NONE = 0
    RDONLY = 1
    NOSUID = 2
    NODEV = 4
    NOEXEC = 8
    REMOUNT = 32
    BIND = 4096
    REC = 16384
    PRIVATE = 1 << 18


DETACH: Final = 2  # MNT_DETACH
PR_SET_PDEATHSIG: Final = 1
PR_CAPBSET_DROP: Final = 24
CAP_NET_ADMIN: Final = 12
_CAPABILITY_VERSION_3: Final = 0x20080522

# Docker's default set (capabilities(7) numbers): a node may do no more on the native engine
# than in a container, also where labctl runs as root and there is no user namespace.
KEPT_CAPABILITIES: Final = frozenset({
    0,  # CAP_CHOWN
    1,  # CAP_DAC_OVERRIDE
    3,  # CAP_FOWNER
    4,  # CAP_FSETID
    5,  # CAP_KILL
    6,  # CAP_SETGID
    7,  # CAP_SETUID
    8,  # CAP_SETPCAP
    10,  # CAP_NET_BIND_SERVICE
    13,  # CAP_NET_RAW
    18,  # CAP_SYS_CHROOT
    29,  # CAP_AUDIT_WRITE
    31,  # CAP_SETFCAP
})  # fmt: skip

# PyDLL keeps the interpreter lock: a fork may follow at once.
_libc: Final = ctypes.PyDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(namespaces: Namespace) -> None:
    """Leave the given namespaces for new ones."""
    _check(_libc.unshare(int(namespaces)), f"unshare {namespaces.name or namespaces}")


def enter(fd: int, namespace: Namespace) -> None:
    """Enter the namespace that ``fd`` (a /proc/PID/ns file) refers to."""
    _check(_libc.setns(fd, int(namespace)), f"setns {namespace.name}")


def mount(
    source: str,
    target: str,
    kind: str = "",
    flags: Mount = Mount.NONE,
    options: str = "",
) -> None:
    """Mount ``source`` on ``target``; ``options`` is the file system's own text."""
    arguments = [
        text.encode() if text else None for text in (source or "none", target, kind, options)
    ]
    result = _libc.mount(
        arguments[0], arguments[1], arguments[2], ctypes.c_ulong(int(flags)), arguments[3]
    )
    _check(result, f"mount {kind or 'bind'} {source} on {target}")


def bind(source: str, target: str, *, recursive: bool = False) -> None:
    """Make ``source`` appear at ``target`` as well."""
    mount(source, target, flags=Mount.BIND | (Mount.REC if recursive else Mount.NONE))


def pivot_root(new_root: str) -> None:
    """Make ``new_root``, a mount point, the root; the old one disappears."""
    os.chdir(new_root)
    # pivot_root(2) "pivot_root('.', '.')": the old root is stacked on top of the new one.
    _check(_libc.pivot_root(b".", b"."), f"pivot_root {new_root}")
    _check(_libc.umount2(b".", DETACH), "umount of the old root")
    os.chdir("/")


def drop_capabilities(kept: Iterable[int] = KEPT_CAPABILITIES) -> None:
    """Give up for good, for this process and its children, all capabilities not ``kept``."""
    kept = frozenset(kept)
    last = int(_read("/proc/sys/kernel/cap_last_cap"))
    for number in sorted(set(range(last + 1)) - kept):
        _check(_libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0), f"drop capability {number}")
    # The bounding set binds only from the next exec on; programs here are forked, not exec'd.
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    _check(_libc.capget(header, data), "capget")
    effective_permitted_inheritable = struct.unpack("=6I", data.raw)
    masks = [
        sum(1 << (number % 32) for number in kept if number // 32 == word) for word in (0, 1)
    ]
    narrowed = [
        value & masks[index // 3] for index, value in enumerate(effective_permitted_inheritable)
    ]
    _check(_libc.capset(header, struct.pack("=6I", *narrowed)), "capset")


def die_with_parent(signal_number: int) -> None:
    """Ask for ``signal_number`` when the parent process ends."""
    _check(_libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl PR_SET_PDEATHSIG")


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()
