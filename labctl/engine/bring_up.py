"""`labctl up` without its output: observe, compare, carry out, wait until all is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from labctl.compiler.plan import Plan, to_json
from labctl.engine.interface import Engine, Event, NodeState, Step, StepKind
from labctl.engine.reconcile import reconcile
from labctl.engine.subnets import SubnetTaken, holder
from labctl.errors import ExitCode, LabError

LAST_LINES: Final = 15


class Outcome(NamedTuple):
    """What `up` found to do."""

    steps: Sequence[Step]
    events: Sequence[Event]


def pending(engine: Engine, plan: Plan) -> list[Step]:
    """Give what `up` would do; nothing is changed."""
    return reconcile(plan, engine.observe(plan.lab))


def bring_up(
    engine: Engine, plan: Plan, report: Callable[[Event], None], *, timeout: float
) -> Outcome:
    """Make the lab what the plan says; ``LabError`` names the node that did not get ready."""
    observed = engine.observe(plan.lab)
    steps = reconcile(plan, observed)
    _refuse_taken(steps, plan, engine)
    starting = [name for name, one in observed.nodes.items() if one.state is NodeState.STARTING]
    events = []
    if steps or starting:
        for event in engine.apply(steps, plan, starting=starting, timeout=timeout):
            events.append(event)
            report(event)
    text = to_json(plan)
    if steps or engine.recall(plan.lab) != text:
        engine.remember(plan.lab, text)
    if failures := list(_failures(events)):
        # What has failed says more than what waits for it.
        failures.sort(key=lambda event: event.state == NodeState.STARTING.value)
        raise _failed(engine, plan, failures)
    return Outcome(steps, events)


def _refuse_taken(steps: Sequence[Step], plan: Plan, engine: Engine) -> None:
    created = {step.name for step in steps if step.kind is StepKind.CREATE_NETWORK}
    if not created:
        return
    taken = engine.taken_subnets(plan.lab)
    for network in plan.networks:
        if network.name in created and (held := holder(network.subnet, taken)):
            raise SubnetTaken(
                f"network {network.name}: its subnet {network.subnet} is taken by {held}",
                hint="Write another subnet in the topology, or none: labctl then takes one "
                "that is free.",
            )


def _failures(events: Sequence[Event]) -> Iterator[Event]:
    failed = (NodeState.FAILED.value, NodeState.STOPPED.value, NodeState.STARTING.value)
    return (event for event in events if event.state in failed)


def _failed(engine: Engine, plan: Plan, failures: Sequence[Event]) -> LabError:
    """Say which node, why, and what it said last; the lab stays up to be looked at."""
    event, *others = failures
    lines = [
        *engine.console(plan.lab, event.subject).splitlines()[-LAST_LINES:],
        *_logged(engine, plan.lab, event.subject),
    ]
    said = "".join(f"\n        {line}" for line in lines) or " nothing"
    late = event.state == NodeState.STARTING.value
    what = "was not ready in time" if late else f"failed: {event.detail}"
    also = f"; nor were {', '.join(one.subject for one in others)} ready" if others else ""
    return LabError(
        f"node {event.subject} {what}{also}",
        hint=f"The last it said:{said}\n"
        f"Look at it: labctl shell {event.subject} --lab {plan.lab}   "
        f"Remove the lab: labctl down {plan.lab}",
        exit_code=ExitCode.NOT_READY if late else ExitCode.FAILED,
    )


def _logged(engine: Engine, lab: str, node: str) -> list[str]:
    """The last lines of the mail log, as far as the node can still be asked."""
    tail = ["/usr/bin/tail", "-n", str(LAST_LINES), "/var/log/maillog"]
    try:
        return engine.execute(lab, node, tail).stdout.decode(errors="replace").splitlines()
    except LabError:
        return []
