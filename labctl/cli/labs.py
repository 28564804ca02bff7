"""How commands name labs: a file, a topology that labctl ships, or a lab that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from labctl.errors import ExitCode, LabError
from labctl.shipped import shipped

ENGINE_HELP: Final = (
    "auto, native or docker. auto: where the lab is; else docker if it answers."
)
LAB_HELP: Final = "The name of a running lab; not needed when only one runs."


def topology_file(given: Path) -> Path:
    """Give a file for what the user named; a bare name may be one of the shipped topologies."""
    candidate = shipped("topologies") / f"{given}.yml"
    if given.exists() or given.parent != Path() or not candidate.exists():
        return given
    return candidate


def plain_name(given: str) -> str:
    """Give the lab for what the user named: `down topologies/x.yml` means the lab x."""
    path = Path(given)
    if path.suffix not in (".yml", ".yaml"):
        return given
    # Imported here: `down` by name must not wait for the models.
    import os

    from labctl.topology.load import load

    if not path.exists():
        raise LabError(
            f"{given}: no such file",
            hint="A lab that runs can be named without its file: labctl status lists them.",
            exit_code=ExitCode.USAGE,
        )
    return load(path, os.environ).lab
