"""Imports of a fork that has moved into a node, where the interpreter has another path.

What was imported before stays; what is imported later (a codec, a submodule) is looked for
below the directories of the packages, and these are elsewhere now.

WHY IN ADVANCE
    A fork shares the memory of the supervisor until it writes there, and to look at an object
    is to write its reference count.  So the supervisor looks at all modules, once; a node only
    puts the new paths in their places.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from labctl.engine import node_code


class Move(NamedTuple):
    """Lists of directories in which this process looks for modules, and what they become."""

    lists: tuple[tuple[list[str], list[str]], ...]


def plan_move(*, bundled: bool) -> Move:
    """Look where packages are; ``bundled``: nodes have the interpreter bound into them."""
    moved = _moves(bundled=bundled)
    packages = (getattr(module, "__path__", None) for module in list(sys.modules.values()))
    lists = [(paths, _all_there(paths, moved)) for paths in packages if type(paths) is list]
    site = f"{node_code.HOME}/site"
    lists.append((sys.path, [site, *_all_there([path for path in sys.path if path], moved)]))
    # What the finders know of directories would be thrown away in every single node.
    sys.path_importer_cache.clear()
    return Move(tuple((here, there) for here, there in lists if here != there))


def relocate(move: Move) -> None:
    """Let later imports of this process look in the directories of the node."""
    for here, there in move.lists:
        here[:] = there


def _moves(*, bundled: bool) -> dict[str, str]:
    """Say which directories of this process a node has, and where."""
    site = f"{node_code.HOME}/site"
    packages = {str(node_code.package(name)): f"{site}/{name}" for name in node_code.PACKAGES}
    labctl = {str(node_code.package("labctl") / "node"): f"{site}/labctl/node"}
    prefix = {sys.base_prefix: f"{node_code.HOME}/prefix"} if bundled else {}
    return {**packages, **labctl, **prefix}


def _all_there(paths: list[str], moved: Mapping[str, str]) -> list[str]:
    return [_there(path, moved) for path in paths]


def _there(path: str, moved: Mapping[str, str]) -> str:
    for here, there in moved.items():
        if Path(path).is_relative_to(here):
            return there + path[len(here) :]
    return path
