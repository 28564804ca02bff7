"""`labctl logs [NODE]`: what the nodes have logged."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Final

import typer

from labctl.cli.labs import LAB_HELP
from labctl.cli.render import show_data
from labctl.engine.interface import Engine
from labctl.engine.select import plan_of, running
from labctl.errors import ExitCode

LOG_FILES: Final = "/var/log/maillog /var/log/messages"


def command(
    node: Annotated[str, typer.Argument(help="Only this node; all without it.")] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as lines come.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", help="How many of the last lines.")
    ] = 50,
    console: Annotated[
        bool, typer.Option("--console", help="What init printed instead.")
    ] = False,
    lab: Annotated[str, typer.Option(help=LAB_HELP)] = "",
) -> int:
    """Print the mail log and the system log of one node, or of all."""
    engine, name = running(lab)
    nodes = [node] if node else [one.name for one in plan_of(engine, name).nodes]
    if console:
        for one in nodes:
            show_data(_prefixed(one, engine.console(name, one), alone=bool(node)))
        return ExitCode.OK
    how = f"-n {lines} {'-F' if follow else ''}"
    argv = ["/bin/sh", "-c", f"exec tail -q {how} {LOG_FILES} 2>/dev/null"]
    if follow:
        return _follow(engine, name, nodes, argv)
    for one in nodes:
        text = engine.execute(name, one, argv).stdout.decode(errors="replace")
        show_data(_prefixed(one, text, alone=bool(node)))
    return ExitCode.OK


def _follow(engine: Engine, lab: str, nodes: Sequence[str], argv: Sequence[str]) -> int:
    def copy(one: str) -> None:
        for line in engine.attach(lab, one, argv).stdout:
            show_data(_prefixed(one, line.decode(errors="replace"), alone=len(nodes) == 1))

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(copy, nodes))
    return ExitCode.OK


def _prefixed(node: str, text: str, *, alone: bool) -> str:
    if alone:
        return text
    return "".join(f"{node}: {line}\n" for line in text.splitlines())
