"""sendmail(1): the command that every program calls to send mail.

INPUT AND OUTPUT
    A message on standard input goes to maildrop, with its envelope from the command line, or,
    with -t, from its own headers.  Other modes: -bs SMTP on standard input and output, -bp
    mailq, -bi newaliases, -q flush.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.base.programs import load
from labctl.node.mta.commands.options import read_for_later
from labctl.node.mta.commands.submission.command_line import EX_TEMPFAIL, Command, parse
from labctl.node.mta.commands.submission.delivery import deliver
from labctl.node.mta.commands.submission.speaking import give_up, log_of
from labctl.node.mta.lib.config.main_cf import Config


def main(argv: Sequence[str]) -> int:
    """Whatever the options, and the name we were called by, ask for."""
    try:
        command = parse(argv)
        read_for_later(command.directory)
        if command.extract and command.mode != "m":
            raise Fatal(NOT_WITH.get(command.mode, ONLY_DELIVERY), status=EX_TEMPFAIL)
        return MODES[command.mode](command)
    except Fatal as failure:
        give_up(str(failure))
        warnings = failure.warnings
        raise Fatal(str(failure), status=failure.status, warnings=warnings) from failure


def converse(command: Command) -> int:
    """-bs: smtpd(8) serves whoever is at our standard streams, with the caller's rights."""
    if command.recipients:
        raise Fatal("stand-alone mode requires no recipient", status=EX_TEMPFAIL)
    config = Config.read(command.directory)
    load("smtpd").stand_alone(config, log_of(config, "smtpd"))
    return 0


def _run(name: str, *arguments: str) -> Callable[[Command], int]:
    def run(command: Command) -> int:
        try:
            status: int = load(name).main([name, *arguments])
        except Fatal as failure:
            # It is not we who complain.
            print(f"{name}: fatal: {failure}", file=sys.stderr)
            return failure.status
        return status

    return run


def _start(command: Command) -> int:
    """-bd: whether the mail system runs already does not matter to whoever says so."""
    _run("postfix", "start")(command)
    return 0


def _nothing(command: Command) -> int:
    """-bh, -q15m: what Sendmail keeps or does itself, and the mail system here does not."""
    return 0


def _flush(command: Command) -> int:
    arguments = ["-f"]
    if command.flush_id:
        arguments = ["-i", command.flush_id]
    elif command.flush_site:
        arguments = ["-s", command.flush_site]
    return _run("postqueue", *arguments)(command)


ONLY_DELIVERY: Final = "-t can be used only in delivery mode"
NOT_WITH: Final = {"v": "-t option cannot be used with -bv"}
MODES: Final[Mapping[str, Callable[[Command], int]]] = {
    "d": _start,
    "h": _nothing,
    "i": _run("newaliases"),
    "l": _start,
    "m": deliver,
    "p": _run("postqueue", "-p"),
    "q": _flush,
    "s": converse,
    "v": deliver,
}
