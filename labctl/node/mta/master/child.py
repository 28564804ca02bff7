"""What happens in a forked child between the fork and the daemon's own code.

WHY A WARM FORK
    master has imported all daemons, and the child only chooses one.  It exec's nothing.

NOT HERE
    A chroot: Python loads code and libc loads name service modules late, from files that a
    chroot of the queue directory does not have.  The column is read and has no effect.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import NamedTuple

from labctl.node.base import accounts, parent, privileges, programs
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.master_cf import Service
from labctl.node.mta.lib.config.startup_check import check_program
from labctl.node.mta.lib.daemon.server import Kind, Limits, ServiceContext, Status


class Stamp(NamedTuple):
    """Two files with the same stamp have the same content."""

    inode: int
    size: int
    modified: int


class Birth(NamedTuple):
    """What a child needs to know."""

    service: Service
    config: Config
    stamp: Stamp  # of main.cf when it was read
    listeners: Sequence[socket.socket]
    log: Log
    status: int  # the write end of the status pipe
    generation: int


def stamp(config: Config) -> Stamp:
    """The stamp of main.cf; a file that is gone has one of its own."""
    try:
        status = os.stat(os.path.join(config.directory, "main.cf"))
    except OSError:
        return Stamp(0, 0, 0)
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns)


def title(service: Service) -> str:
    """The command line that Postfix's master would have given."""
    words = [service.command]
    if service.process_limit == 1:
        words.append("-l")
    if service.name != service.command:
        words += ["-n", service.name]
    words += ["-t", service.type]
    if service.unprivileged:
        words.append("-u")
    words += [word for pair in service.overrides.items() for word in ("-o", "=".join(pair))]
    if service.type == "inet" and "stress" not in service.overrides:
        # postconf(5) stress: empty as long as there are processes left.
        words += ["-o", "stress="]
    return " ".join([*words, *service.arguments])


def live(birth: Birth) -> int:
    """The whole life of a child, after its descriptors and signals are in order."""
    os.umask(0o077)
    os.chdir(birth.config.text("queue_directory"))
    context = _context(birth)
    for complaint in context.config.complaints:
        context.log.warning(complaint)
    try:
        check_program(context.config, context.program)
        _serve(context, unprivileged=birth.service.unprivileged)
    except Fatal as failure:
        for warning in failure.warnings:
            context.log.warning(warning)
        context.log.fatal(str(failure))
        return failure.status
    return 0


def _serve(context: ServiceContext, *, unprivileged: bool) -> None:
    module = _load(context)
    prepare: Callable[[ServiceContext], None] | None = getattr(module, "prepare", None)
    if prepare is not None:
        prepare(context)
    if unprivileged:
        _give_up_privileges(context.config)
    if context.kind is Kind.INET:
        parent.when_it_dies(lambda: _free_ports(context.listeners))
    module.serve(context)


def _free_ports(listeners: Sequence[socket.socket]) -> None:
    """The client that we have may take minutes, and the next master needs the ports now."""
    for listener in listeners:
        # A sibling may have been faster: all of us share one socket.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _load(context: ServiceContext) -> ModuleType:
    try:
        return programs.load(os.path.basename(context.program))
    except programs.UnknownProgram as unknown:
        path = os.path.join(context.config.text("daemon_directory"), context.program)
        raise Fatal(f"master_spawn: exec {path}: No such file or directory") from unknown


def _context(birth: Birth) -> ServiceContext:
    service = birth.service
    names = {"process_name": service.command, "service_name": service.name}
    config = _current(birth).with_overrides({**names, **service.overrides})
    log = birth.log.named(service.command, syslog_name=config.text("syslog_name"))
    limits = Limits(
        config.number("max_use"), config.seconds("max_idle"), config.seconds("ipc_timeout")
    )
    return ServiceContext(
        program=service.command,
        service=service.name,
        kind=Kind(service.type),
        arguments=service.arguments,
        config=config.with_warnings_to(log.warning, error=log.error),
        listeners=birth.listeners,
        log=log,
        limits=limits,
        status=Status(birth.status, birth.generation),
    )


def _current(birth: Birth) -> Config:
    """main.cf as it is now: a Postfix daemon reads it when it starts, reload or not."""
    if stamp(birth.config) == birth.stamp:
        return birth.config
    return Config.read(birth.config.directory)


def _give_up_privileges(config: Config) -> None:
    if os.geteuid() != 0:
        return
    owner = accounts.by_name(config.text("mail_owner"))
    if owner is None:
        raise Fatal(f"unknown mail system owner: {config.text('mail_owner')}")
    privileges.drop_to(owner)
