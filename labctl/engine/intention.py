"""What `labctl up` means on this machine: which engine, which plan, and what is new.

The engine comes first, because a running lab keeps its engine, its plan and its subnets, and
because only the engine knows which subnets of this machine are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from labctl.compiler.plan import Plan
from labctl.compiler.recipe import Neighbourhood, plan_from, read_recipe
from labctl.engine.interface import Engine
from labctl.engine.select import AUTO, choose
from labctl.engine.subnets import SubnetTaken, passed_over
from labctl.errors import LabError

NEEDS_NO_IMAGE: Final = "native"
MOST_ATTEMPTS: Final = 10

T = TypeVar("T")


class Intention(NamedTuple):
    """``notes`` are what the user should know before anything is done."""

    engine: Engine
    plan: Plan
    is_new: bool
    notes: tuple[str, ...] = ()


def intend(
    path: Path, environment: Mapping[str, str], *, engine: str, name: str, build: bool
) -> Intention:
    """Find engine and plan of a topology file; ``build`` says that the lab will be built."""
    recipe = read_recipe(path, environment, name=name)
    if not recipe.lab:
        recipe = replace(recipe, lab=plan_from(recipe).lab)
    chosen = choose(engine, recipe.lab)
    there = chosen.observe(recipe.lab)
    if there.nodes:
        kept = chosen.recall(recipe.lab)
        plan = plan_from(
            recipe,
            kept,
            lambda: Neighbourhood(chosen.taken_subnets(recipe.lab), there.networks),
        )
        return Intention(chosen, plan, is_new=False)
    if build:
        chosen.expect()  # it gets ready while we compile
    taken = chosen.taken_subnets(recipe.lab)
    plan = plan_from(recipe, "", lambda: Neighbourhood(taken, there.networks))
    return Intention(chosen, plan, True, tuple(passed_over(plan.networks, taken)))


def prepare(intention: Intention, wanted: str, report: Callable[[str], None]) -> Engine:
    """Get images ready; give the engine to go on with."""
    engine = intention.engine
    try:
        engine.prepare(intention.plan, report)
    except LabError as error:
        # `auto` promises a lab on any machine: one without images has namespaces still.
        if wanted != AUTO or not intention.is_new or engine.name == NEEDS_NO_IMAGE:
            raise
        report(f"note: {error.what}; going on with the {NEEDS_NO_IMAGE} engine")
        return choose(NEEDS_NO_IMAGE)
    return engine


def settle(intend_now: Callable[[], Intention], carry_out: Callable[[Intention], T]) -> T:
    """Carry out what is intended; where another lab takes our subnets meanwhile, intend anew.

    Whoever is first has the subnet (the engine decides that); the second finds the next one.
    What the topology itself names does not change, and is the user's to decide.
    """
    intention = intend_now()
    for _ in range(MOST_ATTEMPTS):
        try:
            return carry_out(intention)
        except SubnetTaken:
            networks = intention.plan.networks
            intention = intend_now()
            if intention.plan.networks == networks:
                raise
    return carry_out(intention)
