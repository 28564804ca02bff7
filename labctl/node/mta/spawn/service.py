"""The spawn(8) service: the client's socket is the command's input and output.

NAME
    spawn - user=NAME[:GROUP] argv=COMMAND ... in master.cf; policy servers, content filters

SECURITY
    The command runs as user=, which may be neither root nor the mail system: whatever a
    client can make of it, it has no rights to the queue.
"""

from __future__ import annotations

import os
import select
import socket
from functools import partial
from typing import NoReturn

from labctl.node.base import privileges, processes
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_single
from labctl.node.mta.lib.delivery.command import exported, time_limit
from labctl.node.mta.lib.delivery.command_process import kill_group
from labctl.node.mta.spawn.attributes import Attributes, read


def serve(context: ServiceContext) -> None:
    """One client after the other; master starts another of us for the next one."""
    attributes = read(context.arguments, context.config)
    serve_single(context, partial(run, context, attributes))


def run(context: ServiceContext, attributes: Attributes, client: socket.socket) -> None:
    """Run the command for one client, to its end or the end of its time."""
    client.setblocking(True)
    pid = processes.fork_program(
        lambda: _become(attributes, context.config, client.fileno()),
        title=os.path.basename(attributes.argv[0]),
        log=context.log,
        keep=(client.fileno(),),
    )
    _wait(pid, time_limit(context.config, context.service), attributes.argv[0], context.log)


def _become(attributes: Attributes, config: Config, client: int) -> NoReturn:
    for fd in (0, 1, 2):
        os.dup2(client, fd)
    os.setsid()
    privileges.drop_to(attributes.account)
    os.chdir(config.text("queue_directory"))
    command = attributes.argv[0]
    try:
        os.execvpe(command, list(attributes.argv), exported(config))
    except OSError as error:
        raise Fatal(f"spawn_command: execvp {command}: {error.strerror}") from error


def _wait(pid: int, limit: float, name: str, log: Log) -> None:
    end = os.pidfd_open(pid)
    try:
        if not select.select([end], [], [], limit)[0]:
            kill_group(pid)
            log.warning(f"{name}: process id {pid}: command time limit exceeded")
    finally:
        os.close(end)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        log.warning(f"command {name} killed by signal {os.WTERMSIG(status)}")
    elif os.WEXITSTATUS(status):
        log.warning(f"command {name} exit status {os.WEXITSTATUS(status)}")
