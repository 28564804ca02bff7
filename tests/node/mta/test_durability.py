"""Whatever is killed, and whenever: a message that was answered with 250 arrives whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

IMAGE = "labctl/node:latest"
SCRIPT = Path(__file__).with_name("kill_under_load.py")
DEADLINE = 60


def docker(*words: str, stdin: str = "") -> str:
    """Run a docker command; CalledProcessError shows what it said."""
    return subprocess.run(
        ["docker", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    ).stdout


@pytest.fixture
def node() -> Iterator[str]:
    """A node that sits idle, without a network."""
    if shutil.which("docker") is None or not docker("images", "-q", IMAGE).strip():
        pytest.skip(f"no image {IMAGE}: labctl images build node")
    name = docker(
        "run", "-d", "--init", "--network", "none", IMAGE, "sleep", "infinity"
    ).strip()
    yield name
    docker("rm", "-f", name)


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_accepted_arrives_whatever_is_killed(node: str, seed: int) -> None:
    """From the 250 on we are responsible, kill -9 or not."""
    told = json.loads(
        docker("exec", "-i", node, "python3", "-", str(seed), stdin=SCRIPT.read_text())
    )

    assert told["accepted"] > 20
    assert told["killed"] > 5
    assert told["missing"] == []
    assert told["torn"] == []
