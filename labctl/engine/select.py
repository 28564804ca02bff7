"""Which engine: the one asked for, the one that has the lab, or the one that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.compiler.plan import Plan, from_json
from labctl.engine.interface import Engine
from labctl.errors import ExitCode, LabError

AUTO: Final = "auto"


def choose(name: str, lab: str = "") -> Engine:
    """Give the engine called ``name``; for "auto" the lab's own one, or the best there is."""
    if name != AUTO:
        return _engine(name)
    if lab and (holder := _holder(lab)):
        return holder
    return _docker_if_it_answers() or _engine("native")


def find(lab: str, name: str = AUTO) -> Engine:
    """Give the engine that has a running ``lab``; ``LabError`` when none has."""
    if name != AUTO:
        return _engine(name)
    holder = _holder(lab)
    if holder is None:
        running = [info.name for engine in holding_labs() for info in engine.labs()]
        known = f"Running: {', '.join(running)}." if running else "No lab is running."
        raise LabError(
            f"no lab called {lab!r} is running",
            hint=f"{known} labctl up TOPOLOGY starts one.",
            exit_code=ExitCode.USAGE,
        )
    return holder


def running(lab: str, name: str = AUTO) -> tuple[Engine, str]:
    """Give engine and name of a running lab; no name means the only one that runs."""
    if lab:
        return find(lab, name), lab
    labs = [(engine, info.name) for engine in holding_labs() for info in engine.labs()]
    if len(labs) == 1:
        return labs[0]
    names = ", ".join(sorted(lab for _, lab in labs))
    raise LabError(
        "several labs are running: which one?" if labs else "no lab is running",
        hint=f"Name one of: {names}." if labs else "labctl up TOPOLOGY starts one.",
        exit_code=ExitCode.USAGE,
    )


def plan_of(engine: Engine, lab: str) -> Plan:
    """Give the plan that a running lab was made from."""
    text = engine.recall(lab)
    if not text:
        raise LabError(
            f"lab {lab!r} was not brought up completely: it has no plan",
            hint="labctl up TOPOLOGY finishes it; labctl down removes it.",
            exit_code=ExitCode.FAILED,
        )
    return from_json(text)


def holding_labs(lab: str = "") -> list[Engine]:
    """Give every engine that may have something of ``lab``, or of any lab."""
    docker = _docker_if_it_has(lab)
    return [_engine("native"), *([docker] if docker else [])]


def _holder(lab: str) -> Engine | None:
    # One at a time: who finds the lab among namespaces need not wait for a Docker engine.
    native = _engine("native")
    if native.observe(lab).nodes:
        return native
    docker = _docker_if_it_has(lab)
    return docker if docker and docker.observe(lab).nodes else None


def _engine(name: str) -> Engine:
    try:
        make = ENGINES[name]
    except KeyError:
        raise LabError(
            f"no engine is called {name!r}",
            hint=f"There are: {', '.join([AUTO, *ENGINES])}.",
            exit_code=ExitCode.USAGE,
        ) from None
    return make()


def _docker_if_it_answers() -> Engine | None:
    from labctl.engine.docker.answers import answers

    return _docker() if answers() else None


def _docker_if_it_has(lab: str) -> Engine | None:
    from labctl.engine.docker.answers import has_labs

    return _docker() if has_labs(lab) else None


def _native() -> Engine:
    from labctl.engine.native.engine import NativeEngine

    return NativeEngine()


def _docker() -> Engine:
    # Imported here: the SDK takes longer to import than most commands take to run.
    from labctl.engine.docker.engine import DockerEngine

    return DockerEngine()


ENGINES: Final[Mapping[str, Callable[[], Engine]]] = {"native": _native, "docker": _docker}
