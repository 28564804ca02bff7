"""Whatever is killed, and whenever: a message that was answered with 250 arrives whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

IMAGE = "labctl/node:latest"
KILLING = Path(__file__).with_name("kill_under_load.py").read_text()
FILLING = Path(__file__).with_name("fill_the_disk.py").read_text()
SMALL_DISKS = (
    "--tmpfs=/var/spool/postfix:size=3m,mode=755",
    "--tmpfs=/var/mail:size=1m,mode=1777",
)
DEADLINE = 400


Start = Callable[..., str]


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


def tell(node: str, script: str, *words: str) -> dict[str, Any]:
    """What a script says that runs inside of a node."""
    told: dict[str, Any] = json.loads(
        docker("exec", "-i", node, "python3", "-", *words, stdin=script)
    )
    return told


@pytest.fixture
def start() -> Iterator[Start]:
    """Nodes that sit idle, without a network."""
    if shutil.which("docker") is None or not docker("images", "-q", IMAGE).strip():
        pytest.skip(f"no image {IMAGE}: labctl images build node")
    names: list[str] = []

    def start(*options: str) -> str:
        words = ["run", "-d", "--init", "--network", "none", *options, IMAGE]
        names.append(docker(*words, "sleep", "infinity").strip())
        return names[-1]

    yield start
    for name in names:
        docker("rm", "-f", name)


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize("profile", ["processes", "busy", "node"])
def test_what_was_accepted_arrives_whatever_is_killed(start: Start, profile: str) -> None:
    """From the 250 on we are responsible, kill -9 or not."""
    told = tell(start(), KILLING, profile, "1")

    assert told["accepted"] >= 25
    assert told["killed"] >= 25
    assert told["missing"] == [], told["evidence"]
    assert told["torn"] == []
    assert told["drained"], told["evidence"]
    assert len(told["doubled"]) <= told["may_double"]


@pytest.mark.slow
@pytest.mark.docker
def test_the_death_of_a_manager_delivers_nothing_twice(start: Start) -> None:
    """Only who dies between a delivery and its mark may cause a second one."""
    told = tell(start(), KILLING, "managers", "1")

    assert told["killed"] >= 25
    assert told["missing"] == [], told["evidence"]
    assert told["doubled"] == []


@pytest.mark.slow
@pytest.mark.docker
def test_a_full_disk_loses_nothing(start: Start) -> None:
    """Senders are told to come back; what was taken before, or fits, arrives when it can."""
    told = tell(start(*SMALL_DISKS), FILLING)

    # During DATA Postfix says 451 4.3.0, and 452 4.3.1 to who comes when the disk is full.
    assert (told["data"], told["mail"]) == (451, 452)
    assert (told["sendmail"], told["small sendmail"]) == (75, 0)
    assert (told["mail again"], told["data again"]) == (250, 250)
    assert told["mailbox unchanged"]
    assert told["arrived"] == ["after", "small", "waiting"], told["log"]
    assert "write queue file: No space left on device" in told["log"]
