"""`labctl up`: make a lab what its topology says."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from labctl.cli import completing
from labctl.cli.labs import ENGINE_HELP, topology_file
from labctl.cli.render import show_data, show_progress, table
from labctl.compiler.plan import Node, Plan
from labctl.engine.bring_up import bring_up, pending
from labctl.engine.intention import Intention, intend, prepare, settle
from labctl.engine.interface import Engine, Event, NodeState
from labctl.engine.lock import changing
from labctl.engine.select import AUTO
from labctl.errors import ExitCode


class Done(NamedTuple):
    """A lab that is up, and whether anything had to be done for it."""

    engine: Engine
    plan: Plan
    changed: bool


def command(
    topology: Annotated[
        Path,
        typer.Argument(
            help="A topology file, or the name of a shipped one.",
            autocompletion=completing.topologies,
        ),
    ],
    engine: Annotated[str, typer.Option(help=ENGINE_HELP)] = AUTO,
    name: Annotated[str, typer.Option(help="Call the lab this, not what the file says.")] = "",
    timeout: Annotated[float, typer.Option(help="Seconds until all must be ready.")] = 60.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the steps only.")] = False,
) -> int:
    """Start a lab, or change a running one to what its topology says now.

    A second `up` changes nothing; after an edit it changes what the edit touches. What a
    student has changed inside the nodes stays.

    \b
    labctl up topologies/beauvelo.yml
    labctl up beauvelo --engine native
    labctl up beauvelo --dry-run
    """
    began = time.monotonic()
    path = topology_file(topology)

    def intend_now() -> Intention:
        return intend(path, os.environ, engine=engine, name=name, build=not dry_run)

    def carry_out(intention: Intention) -> Done:
        for note in intention.notes:
            show_progress(f"note: {note}")
        with changing(intention.plan.lab):
            chosen = prepare(intention, engine, show_progress)
            outcome = bring_up(chosen, intention.plan, _report, timeout=timeout)
        return Done(chosen, intention.plan, bool(outcome.steps))

    if dry_run:
        intention = intend_now()
        steps = pending(intention.engine, intention.plan)
        show_data("".join(f"{step}\n" for step in steps) or "nothing to do\n")
        return ExitCode.OK
    _tell(settle(intend_now, carry_out), time.monotonic() - began)
    return ExitCode.OK


def _tell(done: Done, seconds: float) -> None:
    engine, plan, changed = done
    show_data(_nodes_table(engine, plan))
    did = f"up in {seconds:.1f} s" if changed else f"nothing to do ({seconds:.1f} s)"
    show_progress(f"{plan.lab}: {did} on the {engine.name} engine")
    if engine.notice:
        show_progress(f"note: {engine.notice}")
    show_progress(_next(plan))


def _report(event: Event) -> None:
    if event.state == NodeState.READY.value:
        show_progress(f"  {event.subject} is ready ({event.seconds:.2f} s)")
    elif event.state not in (state.value for state in NodeState):
        show_progress(f"{event.state} {event.subject}: {event.detail}")


def _nodes_table(engine: Engine, plan: Plan) -> str:
    observed = engine.observe(plan.lab).nodes
    rows = [
        [
            node.name,
            node.role,
            observed[node.name].state.value,
            node.address,
            _ports(node),
            node.hostname,
        ]
        for node in plan.nodes
        if node.name in observed
    ]
    return table(["NODE", "ROLE", "STATE", "ADDRESS", "SERVICES", "HOST NAME"], rows)


def _ports(node: Node) -> str:
    probes = [probe for service in node.services for probe in service.ready if probe.port]
    return " ".join(f"{probe.kind}:{probe.port}" for probe in probes) or "-"


def _next(plan: Plan) -> str:
    first = next(
        (node.name for node in plan.nodes if node.role == "primary"), plan.nodes[0].name
    )
    return (
        f"next:  labctl verify {plan.lab}      prove that mail flows\n"
        f"       labctl shell {first}           look around on a node\n"
        f"       labctl down {plan.lab}        remove it without a trace"
    )
