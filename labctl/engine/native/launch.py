"""Find the supervisor of a lab, or start one.

A lab is an abstract socket (unix(7)) called "labctl/UID/LAB": it exists exactly as long as the
supervisor does, needs no directory, and can be claimed by one process only.  Whoever claims a
name and whoever answers to it is checked by SO_PEERCRED: abstract names have no owner.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from labctl.engine.native import identity, protocol
from labctl.errors import LabError

SUPERVISOR: Final = "labctl.engine.native.supervisor"
START_DEADLINE: Final = 20.0  # seconds; a loaded machine imports slowly
REQUEST_DEADLINE: Final = 60.0
END_DEADLINE: Final = 10.0


def running_labs() -> list[str]:
    """Name the labs of this user, from the kernel's list of sockets."""
    prefix = f"@labctl/{os.getuid()}/"
    lines = Path("/proc/net/unix").read_text().splitlines()[1:]
    names = {line.split()[-1].removeprefix(prefix) for line in lines if f" {prefix}" in line}
    return sorted(name for name in names if "/" not in name)


def connect(lab: str) -> socket.socket | None:
    """Connect to the supervisor of ``lab``; None when there is no such lab."""
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(REQUEST_DEADLINE)
    try:
        channel.connect(_name(lab))
    except ConnectionRefusedError:
        channel.close()
        return None
    _, owner = _peer(channel)
    if owner != os.getuid():
        raise LabError(
            f"the name of lab {lab!r} is held by another user (uid {owner})",
            hint="Give the lab another name: labctl up --name NAME",
        )
    return channel


def supervisor_pid(channel: socket.socket) -> int:
    """Give the pid, as seen here, of the process that listens at the other end."""
    return _peer(channel)[0]


class Starting(NamedTuple):
    """A supervisor that loads the programs of nodes, and has no lab yet."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    who: identity.Identity


def begin() -> Starting:
    """Start a supervisor; it ends by itself when it is not given a lab."""
    who = identity.choose(os.getuid(), os.getgid())
    ours, theirs = socket.socketpair()
    ours.settimeout(START_DEADLINE)
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", SUPERVISOR, str(theirs.fileno()), _mode(who)],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    theirs.close()
    return Starting(process, ours, who)


def give_lab(starting: Starting, lab: str) -> tuple[socket.socket, str]:
    """Let a supervisor be the one of ``lab``; give a connection, and a notice for the user."""
    process, ours, who = starting
    listener = _claim(lab)
    try:
        if who.namespaced:
            protocol.answer(ours)
            identity.write_maps(process.pid, who)
            protocol.send(ours, {})
        protocol.ask(ours, {"op": "serve"}, [listener.fileno()])
    except (protocol.Closed, TimeoutError) as error:
        process.kill()
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
        raise LabError(
            "the supervisor of the lab did not start",
            hint=said.strip().rpartition("\n")[2] or "It said nothing. Try again with --debug.",
        ) from error
    finally:
        listener.close()
    process.wait()  # what was started has handed over to the lab's PID 1
    if process.stderr:
        process.stderr.close()
    ours.settimeout(REQUEST_DEADLINE)
    return ours, who.notice


def _claim(lab: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(_name(lab))
    except OSError as error:
        raise LabError(f"lab {lab!r} is being started by another labctl") from error
    listener.listen(64)
    return listener


def end(channel: socket.socket) -> None:
    """Stop a lab and wait until it is gone."""
    pid = supervisor_pid(channel)
    channel.settimeout(END_DEADLINE)
    try:
        protocol.send(channel, {"op": "stop"})
        while channel.recv(4096):
            pass
    except (TimeoutError, ConnectionResetError, protocol.Closed):
        pass
    _wait_for_end(pid)


def _wait_for_end(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    import select

    ready, _, _ = select.select([descriptor], [], [], END_DEADLINE)
    os.close(descriptor)
    if not ready:
        raise LabError(
            f"the supervisor of the lab (pid {pid}) does not end",
            hint=f"End it: kill -9 {pid}; the kernel then removes all that belongs to the lab.",
        )


def _name(lab: str) -> str:
    return f"\0labctl/{os.getuid()}/{lab}"


def _mode(who: identity.Identity) -> str:
    return "namespaced" if who.namespaced else "plain"


def _peer(channel: socket.socket) -> tuple[int, int]:
    data = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", data)
    return pid, uid
