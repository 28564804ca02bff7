"""What the host knows of the programs of a node, all of it by name.

Host code never imports node code: it copies it into images and lets forks run it.  These few
strings are where the two meet outside of the plan's files.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from labctl.errors import LabError

INIT: Final = "labctl.node.init.program"
INSTALLATION: Final = "labctl.node.installation"

# Third-party packages that node programs import; the one list, with reasons in docs/decisions.
PACKAGES: Final = ("dns", "setproctitle")
HOME: Final = "/usr/lib/labctl"


def install(root: Path) -> None:
    """Write the launcher and the links of all commands below ``root``."""
    importlib.import_module(INSTALLATION).install(root)


def init() -> tuple[Callable[[], None], Callable[[Sequence[str]], int]]:
    """Give init's ``preload`` and ``main``, imported here and now."""
    module = importlib.import_module(INIT)
    return module.preload, module.main


def package(name: str) -> Path:
    """Give the directory of an installed package."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LabError(
            f"the Python package {name!r} is not installed",
            hint="Install labctl with its dependencies: pip install labctl",
        )
    return Path(spec.origin).parent
