"""`labctl logs [NODE]`: what the nodes have logged."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from labctl.cli import completing
from labctl.cli.labs import LAB_HELP
from labctl.cli.render import show_data
from labctl.engine.interface import Engine, Session
from labctl.engine.select import plan_of, running
from labctl.errors import ExitCode

LOG_FILES: Final = "/var/log/maillog /var/log/messages"
# Ends with its standard input: a container goes on running what nobody reads any more.
FOLLOW: Final = "tail -q -n {lines} -F {files} 2>/dev/null & cat >/dev/null; kill $!"


def command(
    node: Annotated[
        str,
        typer.Argument(help="Only this node; all without it.", autocompletion=completing.nodes),
    ] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as lines come.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", help="How many of the last lines.")
    ] = 50,
    console: Annotated[
        bool, typer.Option("--console", help="What init printed instead.")
    ] = False,
    lab: Annotated[str, typer.Option(help=LAB_HELP, autocompletion=completing.labs)] = "",
) -> int:
    """Print the mail log and the system log of one node, or of all."""
    engine, name = running(lab)
    nodes = [node] if node else [one.name for one in plan_of(engine, name).nodes]
    if console:
        for one in nodes:
            show_data(_prefixed(one, engine.console(name, one), alone=bool(node)))
        return ExitCode.OK
    if follow:
        _follow(engine, name, nodes, FOLLOW.format(lines=lines, files=LOG_FILES))
        return ExitCode.OK
    argv = ["/bin/sh", "-c", f"exec tail -q -n {lines} {LOG_FILES} 2>/dev/null"]
    for one in nodes:
        text = engine.execute(name, one, argv).stdout.decode(errors="replace")
        show_data(_prefixed(one, text, alone=bool(node)))
    return ExitCode.OK


def _follow(engine: Engine, lab: str, nodes: Sequence[str], script: str) -> None:
    """Print what comes, from all nodes, until all have ended or Ctrl-C."""
    lines: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()

    def copy(one: str, session: Session) -> None:
        for line in session.stdout:
            lines.put((one, line.decode(errors="replace")))
        lines.put((one, ""))

    for one in nodes:
        session = engine.attach(lab, one, ["/bin/sh", "-c", script])
        # A daemon: nobody waits for it when Ctrl-C ends us, while it waits for a line.
        threading.Thread(target=copy, args=(one, session), daemon=True).start()
    following = set(nodes)
    while following:
        one, line = lines.get()
        if line:
            show_data(_prefixed(one, line, alone=len(nodes) == 1))
        else:
            following.discard(one)


def _prefixed(node: str, text: str, *, alone: bool) -> str:
    if alone:
        return text
    return "".join(f"{node}: {line}\n" for line in text.splitlines())
