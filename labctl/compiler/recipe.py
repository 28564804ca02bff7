"""A topology file to its plan, without compiling again what a running lab was made from.

WHY
    A second `up` has nothing to do, and should say so at once. The plan that a lab was made
    from is kept with the lab; with it is a stamp of everything that it depends on: the text,
    the variables in it, the name of the lab, and this program. While the stamp is the same,
    so is the plan, and neither YAML nor the models need to be loaded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from labctl.compiler.plan import Plan, from_json

PACKAGE: Final = Path(__file__).parent.parent
VARIABLE: Final = re.compile(r"\$\{([A-Z][A-Z0-9_]*):-")
LAB: Final = re.compile(r"^lab:[ \t]*([a-z0-9-]+)[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a plan is made from. ``lab`` is empty where only the compiler can tell the name."""

    path: Path
    environment: Mapping[str, str]
    name: str  # instead of the one in the file
    lab: str
    stamp: str


def read_recipe(path: Path, environment: Mapping[str, str], *, name: str = "") -> Recipe:
    """Look at a topology file; what is wrong with it is said when it is compiled."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return Recipe(path, environment, name, name, "")
    found = LAB.search(text)
    variables = {one: environment.get(one, "") for one in VARIABLE.findall(text)}
    parts = (name, text, repr(sorted(variables.items())), _program())
    stamp = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return Recipe(path, environment, name, name or (found[1] if found else ""), stamp)


class Neighbourhood(NamedTuple):
    """Subnets in use on this machine, as engines tell them."""

    taken: Mapping[str, str] = {}  # subnet -> what holds it
    held: Mapping[str, str] = {}  # network of this very lab -> its subnet


def plan_from(
    recipe: Recipe, kept: str = "", look_around: Callable[[], Neighbourhood] = Neighbourhood
) -> Plan:
    """Give the plan of a recipe; ``kept`` is the JSON of the plan that the lab runs with.

    ``look_around`` is asked only if the plan has to be made: a kept one keeps its subnets.
    """
    if kept and recipe.stamp:
        plan = from_json(kept)
        if plan.source == recipe.stamp:
            return plan
    # Imported here: the models take longer to load than a second `up` takes for all else.
    from labctl.compiler.addressing import surroundings
    from labctl.compiler.passes import compile_topology
    from labctl.topology.load import load

    topology = load(recipe.path, recipe.environment)
    if recipe.name:
        topology = topology.model_copy(update={"lab": recipe.name})
    plan = compile_topology(topology, surroundings(*look_around()))
    return replace(plan, source=recipe.stamp)


def _program() -> str:
    """Another version of the compiler makes another plan; its files say when they changed."""
    files = [*PACKAGE.glob("compiler/**/*.py"), *PACKAGE.glob("topology/**/*.py")]
    return str(max(file.stat().st_mtime_ns for file in files))
