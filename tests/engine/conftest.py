"""Labs for tests: each has a name of its own, and is removed whatever happens."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

LABCTL = [sys.executable, "-m", "labctl"]
PRIMARY = """\
lab: {lab}
nodes:
  ns: {{role: dns, hostname: ns.example.test}}
  mx:
    role: primary
    hostname: mx.example.test
    domains: [example.test]
    users: [ann, bob]
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("native", marks=pytest.mark.native),
        pytest.param("docker", marks=pytest.mark.docker),
    ],
)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def labctl() -> Run:
    """Run labctl as a user would; give what it printed and its exit status."""

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LABCTL, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


@pytest.fixture
def lab(labctl: Run) -> Iterator[str]:
    """A name that no other lab has; the lab is removed at the end."""
    name = f"t{secrets.token_hex(3)}"
    yield name
    labctl("down", name)


@pytest.fixture
def topology(lab: str, tmp_path: Path) -> Path:
    """A small topology: a name server and a mail server."""
    path = tmp_path / "small.yml"
    path.write_text(PRIMARY.format(lab=lab))
    return path


class Shared(NamedTuple):
    """A lab that the tests of a module look at, and do not change."""

    lab: str
    engine: str
    up: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def shared(
    labctl: Run, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    """A small lab that is up as long as the module lasts."""
    name = f"t{secrets.token_hex(3)}"
    path = tmp_path_factory.mktemp("shared") / "small.yml"
    path.write_text(PRIMARY.format(lab=name))
    up = labctl("up", str(path), "--engine", engine)
    assert up.returncode == 0, up.stderr
    yield Shared(name, engine, up)
    labctl("down", name)
