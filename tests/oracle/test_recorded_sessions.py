"""Our programs in sessions that were recorded with the genuine ones; README.md says how.

WHY TWICE
    What differs is played once more: on a busy machine a session can run out of time, and only
    what differs both times is a difference.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

pytestmark = [pytest.mark.oracle, pytest.mark.docker, pytest.mark.slow]

HERE = Path(__file__).parent
IMAGE = os.environ.get("ORACLE_IMAGE", "labctl/node:latest")
DIFFERENCES = HERE.parents[1] / "docs" / "differences.md"
LISTED: Final = re.compile(r"^- `(postfix|uwimap) ([^`]+)`: \S", re.MULTILINE)
FLOORS: Final = {"course": 1.0, "core": 0.98, "deep": 0.90}
DEADLINE: Final = 900.0  # seconds
# These send the messages of Python's own test suite, which Debian packages apart from Python.
TEST_SUITE: Final = "Debian's libpython3.11-testsuite"
HAS_MESSAGES: Final = importlib.util.find_spec("test.test_email") is not None
UNPLAYABLE: Final = () if HAS_MESSAGES else ("imap-py-",)


class Played(NamedTuple):
    """One scenario: how many of its observations were equal."""

    name: str
    level: str
    equal: int
    total: int


def play(oracle: str, report: Path, only: Collection[str] = ()) -> dict[str, Played]:
    """Play scenarios against the image; give what became of each."""
    argv = [sys.executable, str(HERE / oracle / "oracle.py"), "compare", "--image", IMAGE]
    argv += [*OPTIONS[oracle](only), "--json", str(report)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = READ[oracle](json.loads(report.read_text()))
    return {one.name: one for one in found if not one.name.startswith(UNPLAYABLE)}


def listed(oracle: str) -> set[str]:
    """The scenarios that are known to differ."""
    found = LISTED.findall(DIFFERENCES.read_text())
    return {name for which, name in found if which == oracle}


def shares(played: Mapping[str, Played]) -> dict[str, float]:
    """How much of each level is equal."""
    levels = {one.level for one in played.values()}
    return {level: _share([p for p in played.values() if p.level == level]) for level in levels}


def _share(some: Sequence[Played]) -> float:
    return sum(one.equal for one in some) / sum(one.total for one in some)


def _postfix(report: Mapping[str, Any]) -> Iterator[Played]:
    for one in report["results"]:
        yield Played(one["id"], one["level"], one["equal"], one["total"])


def _uwimap(report: Mapping[str, Any]) -> Iterator[Played]:
    for one in report["scenarios"]:
        yield Played(one["name"], one["level"], one["equal"], one["of"])


READ: Final = {"postfix": _postfix, "uwimap": _uwimap}
OPTIONS: Final = {
    # The helper needs nothing but Python: another container of the image will do.
    "postfix": lambda only: ["--aux-image", IMAGE, *(w for o in only for w in ("--only", o))],
    "uwimap": lambda only: ["--only", ",".join(only)] if only else [],
}


@pytest.mark.parametrize("oracle", READ)
def test_our_programs_do_what_was_recorded(oracle, tmp_path, capsys):
    """What differs is known, has a reason in docs/differences.md, and is little."""
    played = play(oracle, tmp_path / "report.json")
    odd = [one.name for one in played.values() if one.equal < one.total]
    again = play(oracle, tmp_path / "again.json", odd) if odd else {}
    played |= {name: max(played[name], again[name]) for name in odd if name in again}
    different = {one.name for one in played.values() if one.equal < one.total}
    with capsys.disabled():
        print(f"\n{oracle}: {_summary(played)}")
        for name in UNPLAYABLE:
            print(f"{name}* not played: there is no test.test_email ({TEST_SUITE} has it)")

    assert sorted(different - listed(oracle)) == [], "not in docs/differences.md"
    assert sorted(listed(oracle) - different) == [], "equal by now: strike it from the list"
    assert {k: v for k, v in shares(played).items() if v < FLOORS[k]} == {}


def _summary(played: Mapping[str, Played]) -> str:
    equal, total = (sum(one[i] for one in played.values()) for i in (2, 3))
    levels = ", ".join(f"{k} {v:.1%}" for k, v in sorted(shares(played).items()))
    return f"{equal}/{total} observations equal ({equal / total:.1%}; {levels})"
