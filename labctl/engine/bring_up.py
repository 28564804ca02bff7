"""`labctl up` without its output: observe, compare, carry out, wait until all is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from labctl.compiler.plan import Plan, to_json
from labctl.engine.interface import Engine, Event, NodeState, Step
from labctl.engine.reconcile import reconcile
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
    steps = pending(engine, plan)
    events = []
    if steps:
        for event in engine.apply(steps, plan, timeout=timeout):
            events.append(event)
            report(event)
    text = to_json(plan)
    if steps or engine.recall(plan.lab) != text:
        engine.remember(plan.lab, text)
    for failure in _failures(events):
        raise _failed(engine, plan, failure)
    return Outcome(steps, events)


def _failures(events: Sequence[Event]) -> Iterator[Event]:
    failed = (NodeState.FAILED.value, NodeState.STOPPED.value, NodeState.STARTING.value)
    return (event for event in events if event.state in failed)


def _failed(engine: Engine, plan: Plan, event: Event) -> LabError:
    """Say which node, why, and what it said last; the lab stays up to be looked at."""
    lines = engine.console(plan.lab, event.subject).splitlines()[-LAST_LINES:]
    said = "".join(f"\n        {line}" for line in lines) or " nothing"
    late = event.state == NodeState.STARTING.value
    return LabError(
        f"node {event.subject} {'was not ready in time' if late else 'failed'}: {event.detail}",
        hint=f"The last it said:{said}\n"
        f"Look at it: labctl shell {event.subject} --lab {plan.lab}   "
        f"Remove the lab: labctl down {plan.lab}",
        exit_code=ExitCode.NOT_READY if late else ExitCode.FAILED,
    )
