"""`labctl up`: make a lab what its topology says."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from labctl.cli.labs import ENGINE_HELP, topology_file
from labctl.cli.render import show_data, show_progress, table
from labctl.compiler.plan import Node, Plan
from labctl.compiler.recipe import Neighbourhood, plan_from, read_recipe
from labctl.engine.bring_up import bring_up, pending
from labctl.engine.interface import Engine, Event, NodeState, Observed
from labctl.engine.lock import changing
from labctl.engine.select import AUTO, choose
from labctl.engine.subnets import passed_over
from labctl.errors import ExitCode, LabError

NEEDS_NO_IMAGE: Final = "native"


def command(
    topology: Annotated[
        Path, typer.Argument(help="A topology file, or the name of a shipped one.")
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
    recipe = read_recipe(topology_file(topology), os.environ, name=name)
    if not recipe.lab:
        recipe = replace(recipe, lab=plan_from(recipe).lab)
    chosen = choose(engine, recipe.lab)
    there = chosen.observe(recipe.lab)
    if not (there.nodes or dry_run):
        chosen.expect()  # while we compile
    kept = chosen.recall(recipe.lab) if there.nodes else ""
    plan = plan_from(recipe, kept, lambda: _look_around(chosen, recipe.lab, there))
    if not (there.nodes or dry_run):
        for line in passed_over(plan.networks, chosen.taken_subnets(plan.lab)):
            show_progress(f"note: {line}")
    if dry_run:
        steps = pending(chosen, plan)
        show_data("".join(f"{step}\n" for step in steps) or "nothing to do\n")
        return ExitCode.OK
    with changing(plan.lab):
        try:
            chosen.prepare(plan, show_progress)
        except LabError as error:
            # `auto` promises a lab on any machine: one without images has namespaces still.
            if engine != AUTO or there.nodes or chosen.name == NEEDS_NO_IMAGE:
                raise
            show_progress(f"note: {error.what}; going on with the {NEEDS_NO_IMAGE} engine")
            chosen = choose(NEEDS_NO_IMAGE)
        outcome = bring_up(chosen, plan, _report, timeout=timeout)
    show_data(_nodes_table(chosen, plan))
    seconds = time.monotonic() - began
    did = f"up in {seconds:.1f} s" if outcome.steps else f"nothing to do ({seconds:.1f} s)"
    show_progress(f"{plan.lab}: {did} on the {chosen.name} engine")
    if notice := getattr(chosen, "notice", ""):
        show_progress(f"note: {notice}")
    show_progress(_next(plan))
    return ExitCode.OK


def _look_around(engine: Engine, lab: str, there: Observed) -> Neighbourhood:
    return Neighbourhood(engine.taken_subnets(lab), there.networks)


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
