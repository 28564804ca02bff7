"""The tree keeps the shape that ARCHITECTURE.md and CONTRIBUTING.md promise."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from labctl.node.base.programs import DAEMONS, PROGRAMS

ROOT: Final = Path(__file__).parent.parent
MODULES: Final = sorted((ROOT / "labctl").rglob("*.py"))
TESTS: Final = sorted((ROOT / "tests").rglob("test_*.py"))
TEXTS: Final = (".cfg", ".in", ".md", ".py", ".sh", ".toml", ".yml")
NOT_OURS: Final = frozenset({".git", ".venv", "__pycache__", "node_modules"})
LONGEST: Final = 400  # lines; a module of this size has more than one job
TABLES: Final = {
    "labctl/node/mta/lib/config/parameters/table.py": "postconf(5), a row a parameter"
}
VAGUE: Final = re.compile(r"(^|_)(utils?|helpers?|common|managers?|handlers?|misc)($|_)")

# A wait has a deadline, and looks at something; these are the only places that sleep.
SLEEPS: Final = {
    "labctl/checks/agent.py": "looks again until a deadline: files and logs of a node",
    "labctl/node/base/locks.py": "looks again until a deadline: dot locks",
    "labctl/node/mta/commands/log_rotation.py": "looks again until a deadline: the new log",
    "labctl/node/mta/commands/postfix.py": "looks again until a deadline: master has ended",
    "labctl/node/mta/smtpd/lookups/policy_client.py": "smtpd_policy_service_retry_delay",
    "labctl/node/mta/smtpd/service.py": "postconf(5) smtpd_error_sleep_time",
    "labctl/node/procmail/lockfile.py": "lockfile(1): -nnn and -s are pauses",
    "labctl/node/store/file_lock.py": "looks again until a deadline: fcntl and dot locks",
    "labctl/node/store/login.py": "UW-IMAP: a pause after a wrong password",
    "labctl/node/store/session_lock.py": "looks again until a deadline: the other session ends",
}


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def public_definitions(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def calls(tree: ast.Module, module: str, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == module
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_says_what_it_is_for(path):
    """The first line of the docstring is the line in the map of the tree."""
    assert (ast.get_docstring(tree_of(path)) or "").strip()


def test_public_names_are_explained():
    """Whoever meets a name in another room need not read its code."""
    silent = [
        f"{shown(path)}:{node.lineno}: {node.name}"
        for path in MODULES
        for node in public_definitions(tree_of(path))
        if not ast.get_docstring(node)
    ]

    assert silent == []


def test_a_module_has_one_job():
    """A reader can hold it in mind."""
    lengths = {shown(path): len(path.read_text().splitlines()) for path in MODULES}
    too_long = [name for name, length in lengths.items() if length > LONGEST]

    assert too_long == list(TABLES)


def test_names_say_something():
    """What could be called anything could hold anything."""
    assert [shown(path) for path in MODULES + TESTS if VAGUE.search(path.stem)] == []


def test_nothing_sleeps_without_a_reason():
    """A fixed sleep is too long on a good day and too short on a bad one."""
    sleeping = [shown(path) for path in MODULES if calls(tree_of(path), "time", "sleep")]

    assert sleeping == sorted(SLEEPS)


def test_every_test_says_why_anyone_cares():
    """A test that fails is read by somebody who did not write it."""
    silent = [
        f"{shown(path)}: {node.name}"
        for path in TESTS
        for node in public_definitions(tree_of(path))
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


@pytest.mark.parametrize("name", sorted({**PROGRAMS, **DAEMONS}))
def test_a_program_of_the_table_is_there_or_known_to_be_missing(name):
    """Nobody finds out by a traceback."""
    module = {**PROGRAMS, **DAEMONS}[name]

    assert is_there(module) or f"{name}(8)" in (ROOT / "docs/not-yet.md").read_text()


def is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("path", sorted((ROOT / "topologies").glob("*.yml")), ids=shown)
def test_a_topology_that_we_ship_has_a_golden_plan(path):
    """A change of the compiler shows itself in what people use."""
    assert (ROOT / "tests/golden/plans" / f"{path.stem}.json").exists()


def test_nothing_names_the_machine_it_was_written_on():
    """A clone works anywhere, or nowhere."""
    forbidden = re.compile("/" + r"(work|home/\w+|opt/pypi)/|https?://[\w.]*pypi[\w.]*/simple")
    found = [
        f"{shown(path)}: {match[0]}"
        for path in ROOT.rglob("*")
        if path.suffix in TEXTS and not NOT_OURS & set(path.relative_to(ROOT).parts)
        for match in forbidden.finditer(path.read_text(errors="replace"))
    ]

    assert found == []
