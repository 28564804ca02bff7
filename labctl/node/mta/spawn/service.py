"""spawn(8): give each client to a command, as its standard input and output.

A policy server of the course is a script that knows nothing of sockets: this is its inetd.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket

from labctl.node.base import privileges, processes
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.command import exported
from labctl.node.mta.lib.main_cf import Config
from labctl.node.mta.lib.server import ServiceContext, serve_single
from labctl.node.mta.spawn import attributes
from labctl.node.mta.spawn.attributes import Attributes


def serve(context: ServiceContext) -> None:
    """One command at a time; master starts more of us for more clients."""
    wanted = attributes.read(context.arguments, context.config)
    serve_single(context, lambda client: run(context, wanted, client))


def run(context: ServiceContext, wanted: Attributes, client: socket.socket) -> None:
    """Start the command and wait for it, but not for ever."""
    client.settimeout(None)  # the command expects a descriptor that blocks
    pid = processes.fork_program(
        lambda: _execute(context.config, wanted, client),
        title=wanted.argv[0],
        log=context.log,
        keep=[client.fileno()],
    )
    client.close()
    status = _wait(pid, _time_limit(context))
    if status is None:
        context.log.warning(f"{wanted.argv[0]}: process id {pid}: command time limit exceeded")
    elif status < 0:
        context.log.warning(f"command {wanted.argv[0]} killed by signal {-status}")
    elif status:
        context.log.warning(f"command {wanted.argv[0]} exit status {status}")


def _execute(config: Config, wanted: Attributes, client: socket.socket) -> int:
    os.setsid()
    for descriptor in (0, 1, 2):
        os.dup2(client.fileno(), descriptor)
    client.close()
    privileges.drop_to(wanted.account)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvpe(wanted.argv[0], list(wanted.argv), exported(config))
    except OSError as error:
        raise Fatal(f"execvp {wanted.argv[0]}: {error.strerror}") from error


def _wait(pid: int, patience: float) -> int | None:
    """The exit status, negative for a signal; None when it had to be killed."""
    watch = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([watch], [], [], patience)
    finally:
        os.close(watch)
    if not ready:
        # The group, and the process too: it may not have made its group yet.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status if ready else None


def _time_limit(context: ServiceContext) -> float:
    """postconf(5) transport_time_limit: the name of the service, or for all of them."""
    name = f"{context.service}_time_limit"
    known = context.config.is_set(name)
    return context.config.seconds(name if known else "command_time_limit")
