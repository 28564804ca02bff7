"""A topology file to a Topology, with everything that is wrong with it at once.

ORDER
    YAML (``source``), then types (``models``), then cross references (``rules``). A stage
    that finds a problem ends the reading, because the next one would only repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from labctl.errors import ExitCode, LabError
from labctl.topology.models import Topology
from labctl.topology.problems import Problem
from labctl.topology.rules import check
from labctl.topology.source import Path as DataPath
from labctl.topology.source import Source, parse
from labctl.topology.wrong_types import problem_from


class Loaded(NamedTuple):
    """A topology, or the reasons why there is none."""

    topology: Topology | None
    problems: tuple[Problem, ...]


def load(path: Path, environment: Mapping[str, str]) -> Topology:
    """Read a topology file; all its problems make one LabError."""
    loaded = load_text(_read(path), str(path), environment)
    if loaded.topology is None:
        count = len(loaded.problems)
        raise LabError(
            "\n".join(map(str, loaded.problems)),
            hint=f"{count} problem{'s' * (count != 1)} in {path}; nothing was changed.",
            exit_code=ExitCode.USAGE,
        )
    return loaded.topology


def load_text(text: str, file: str, environment: Mapping[str, str] = {}) -> Loaded:
    """Read a topology; ``file`` is only named in problems."""
    source = parse(text, file, environment)
    if source.problems:
        return Loaded(None, tuple(source.problems))
    try:
        topology = Topology.model_validate(source.data if source.data is not None else {})
    except ValidationError as error:
        return Loaded(None, tuple(sorted(set(_wrong_types(source, error)))))
    problems = tuple(sorted(set(check(topology, source))))
    return Loaded(None if problems else topology, problems)


def _wrong_types(source: Source, error: ValidationError) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        yield problem_from(source, _data_path(source.data, details["loc"]), details)


def _data_path(data: Any, location: tuple[str | int, ...]) -> DataPath:
    """Drop from pydantic's location what names a type or a short form, not a place."""
    path: list[str | int] = []
    for part in location:
        inside = _parts(data)
        if part in inside:
            data = inside[part]
            path.append(part)
    return tuple(path)


def _parts(data: Any) -> Mapping[str | int, Any]:
    if isinstance(data, dict):
        return data
    return dict(enumerate(data)) if isinstance(data, list) else {}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = ", ".join(sorted(str(one) for one in path.parent.glob("*.y*ml")))
        hint = (
            f"There is: {near}"
            if near
            else "Name a topology file, such as topologies/primary.yml"
        )
        raise LabError(f"{path}: no such file", hint=hint, exit_code=ExitCode.USAGE) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise LabError(f"{path}: {reason}", exit_code=ExitCode.USAGE) from error
