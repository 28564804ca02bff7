"""Whatever is killed, and whenever: a message that was answered with 250 arrives whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

IMAGE = "labctl/node:latest"
SCRIPT = Path(__file__).with_name("kill_under_load.py")
DEADLINE = 400


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


def suffer(node: str, profile: str, seed: int = 1) -> dict[str, Any]:
    """What became of mail and processes under one profile of kill_under_load.py."""
    words = ["python3", "-", profile, str(seed)]
    told: dict[str, Any] = json.loads(
        docker("exec", "-i", node, *words, stdin=SCRIPT.read_text())
    )
    return told


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
@pytest.mark.parametrize("profile", ["processes", "busy", "node"])
def test_what_was_accepted_arrives_whatever_is_killed(node: str, profile: str) -> None:
    """From the 250 on we are responsible, kill -9 or not."""
    told = suffer(node, profile)

    assert told["accepted"] > 5
    assert told["killed"] > 5
    assert told["missing"] == [], told["evidence"]
    assert told["torn"] == []
    assert told["drained"], told["evidence"]
    assert len(told["doubled"]) <= told["may_double"]


@pytest.mark.slow
@pytest.mark.docker
def test_the_death_of_a_manager_delivers_nothing_twice(node: str) -> None:
    """Only who dies between a delivery and its mark may cause a second one."""
    told = suffer(node, "managers")

    assert told["killed"] > 5
    assert told["missing"] == [], told["evidence"]
    assert told["doubled"] == []
