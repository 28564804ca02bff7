"""Imports of a fork that has moved into a node, where the interpreter has another path.

What was imported before stays; what is imported later (a codec, a submodule) is looked for
below the directories of the packages, and these are elsewhere now.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from labctl.engine import node_code


def moves() -> dict[str, str]:
    """Say which directories of this process a node has, and where."""
    site = f"{node_code.HOME}/site"
    packages = {str(node_code.package(name)): f"{site}/{name}" for name in node_code.PACKAGES}
    labctl = {str(node_code.package("labctl") / "node"): f"{site}/labctl/node"}
    return {**packages, **labctl, sys.base_prefix: f"{node_code.HOME}/prefix"}


def relocate(moved: Mapping[str, str]) -> None:
    """Let later imports of this process look in the directories of the node."""
    for module in list(sys.modules.values()):
        paths = getattr(module, "__path__", None)
        if isinstance(paths, list):
            paths[:] = [_there(path, moved) for path in paths]
    site = f"{node_code.HOME}/site"
    sys.path[:] = [site, *(there for path in sys.path if (there := _there(path, moved)))]
    sys.path_importer_cache.clear()


def _there(path: str, moved: Mapping[str, str]) -> str:
    for here, there in moved.items():
        if Path(path).is_relative_to(here) and Path(there).exists():
            return there + path[len(here) :]
    return path
