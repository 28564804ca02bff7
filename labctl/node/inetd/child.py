"""What a super-server starts for a client: our programs are forked, all others exec'd."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from labctl.node.base import accounts, privileges, processes, programs
from labctl.node.base.accounts import Account
from labctl.node.base.log import ERROR, Log


class Command(NamedTuple):
    """A program, how it is called, and who it runs as."""

    path: str
    argv: tuple[str, ...]
    user: str
    group: str = ""


def start(
    command: Command,
    descriptor: int,
    log: Log,
    prepare: Callable[[], None] = lambda: None,
) -> int:
    """Fork a child that serves this descriptor on its standard streams; its pid.

    ``prepare`` runs in the child while it is still root.
    """
    # Looked up here, the files of accounts are read once and not by every child.
    account = identity(command.user, command.group)
    name = programs.COMMANDS.get(command.path)
    title = command.argv[0] if command.argv else os.path.basename(command.path)
    return processes.fork_program(
        lambda: _run(command, account, name, log),
        title=title,
        log=log,
        keep=[descriptor],
        before=lambda: _take_over(descriptor, prepare),
    )


def warm_up(paths: Sequence[str]) -> None:
    """Load what will be forked, so that no child has to."""
    for path in paths:
        name = programs.COMMANDS.get(path)
        if name is not None:
            try:
                programs.load(name)
            except programs.UnknownProgram:
                continue  # the child will say so, to whoever wants the service
    processes.freeze()


def identity(user: str, group: str) -> Account | None:
    """The account to run as; a group given beside it replaces its primary group."""
    account = accounts.by_name(user)
    wanted = accounts.group_by_name(group) if group else None
    if account is None or wanted is None:
        return account
    return account._replace(gid=wanted.gid, groups=(wanted.gid, *account.groups[1:]))


def _run(command: Command, account: Account | None, name: str | None, log: Log) -> int:
    if account is None:
        log.write(ERROR, f"getpwnam: {command.user}: No such user")
        return 1
    if account.uid or command.group:
        privileges.drop_to(account)
    if name is not None:
        return int(programs.load(name).main(list(command.argv)))
    try:
        os.execv(command.path, list(command.argv) or [command.path])
    except OSError as error:
        log.write(ERROR, f"execv {command.path}: {error.strerror}")
        return 1


def _take_over(descriptor: int, prepare: Callable[[], None]) -> None:
    os.set_blocking(descriptor, True)
    for standard in (0, 1, 2):
        os.dup2(descriptor, standard)
    if descriptor > 2:
        os.close(descriptor)
    prepare()
