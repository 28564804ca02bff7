"""What xinetd starts for a client, in the surroundings that the attributes ask for."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
from pathlib import Path
from typing import Final

from labctl.node.base import processes
from labctl.node.base.log import Log
from labctl.node.inetd import builtin, child, redirect
from labctl.node.inetd.xinetd.service import Service


def start(service: Service, descriptor: int, address: str, log: Log) -> int:
    """Start what serves this client; its pid."""
    if service.internal:
        return builtin.fork_stream(service.name, descriptor, log)
    target = service.words("redirect")
    if target:
        return redirect.start(target[0], target[1], descriptor, log)
    user, group = service.word("user", "root"), service.word("group")
    command = child.Command(service.word("server"), _arguments(service), user, group)
    return child.start(command, descriptor, log, lambda: _prepare(service, address))


def refuse(service: Service, connection: socket.socket, reason: str, log: Log) -> int:
    """A child that tells the client no, and the log why; its pid."""

    def run() -> None:
        service.log.fail(reason, _address(connection))
        show_banner(service, connection, "banner_fail")

    return processes.fork_program(
        run, title=f"xinetd: {service.id}", log=log, keep=[connection.fileno()]
    )


def show_banner(service: Service, connection: socket.socket, which: str) -> None:
    """What the client reads before anything else."""
    for name in ("banner", which):
        path = service.word(name)
        if path:
            with contextlib.suppress(OSError):
                connection.sendall(Path(path).read_bytes())


def _address(connection: socket.socket) -> str:
    try:
        return str(connection.getpeername()[0])
    except OSError:
        return ""


def _arguments(service: Service) -> tuple[str, ...]:
    """xinetd.conf(5) NAMEINARGS: the first argument is the name of the program."""
    arguments = tuple(service.words("server_args"))
    if "NAMEINARGS" in service.words("flags"):
        return arguments
    return (service.word("server"), *arguments)


def _prepare(service: Service, address: str) -> None:
    """In the child: what xinetd.conf(5) lets a service change of its surroundings."""
    if "nice" in service.attributes:
        os.nice(int(service.word("nice")))
    if "umask" in service.attributes:
        os.umask(int(service.word("umask"), 8))
    if "passenv" in service.attributes:
        wanted = service.words("passenv")
        for name in [name for name in os.environ if name not in wanted]:
            del os.environ[name]
    for assignment in service.words("env"):
        name, _, value = assignment.partition("=")
        os.environ[name] = value
    os.environ["REMOTE_HOST"] = address
    for name, limit in RLIMITS.items():
        value = service.word(name)
        if value:
            amount = resource.RLIM_INFINITY if value == "UNLIMITED" else _amount(value)
            resource.setrlimit(limit, (amount, amount))


def _amount(text: str) -> int:
    factor = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:].upper(), 1)
    return int(text.rstrip("kKmM")) * factor


RLIMITS: Final = {
    "rlimit_as": resource.RLIMIT_AS,
    "rlimit_cpu": resource.RLIMIT_CPU,
    "rlimit_data": resource.RLIMIT_DATA,
    "rlimit_files": resource.RLIMIT_NOFILE,
    "rlimit_rss": resource.RLIMIT_RSS,
    "rlimit_stack": resource.RLIMIT_STACK,
}
