"""Deliveries, POP3 and IMAP on one mailbox at once: nothing is lost, doubled or torn."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

IMAGE = "labctl/node:latest"
SCRIPT = Path(__file__).with_name("everybody_at_once.py")
DEADLINE = 240


def docker(*words: str, stdin: str = "") -> str:
    """Run a docker command; what it complained of is part of the failure."""
    done = subprocess.run(
        ["docker", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


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
@pytest.mark.parametrize("mode", ["uw", "shared"])
def test_nothing_is_lost_doubled_or_torn(node: str, mode: str) -> None:
    """Whoever has confirmed something stands by it, in both modes."""
    told = json.loads(
        docker("exec", "-i", node, "python3", "-", mode, "15", stdin=SCRIPT.read_text())
    )

    assert told["drained"]
    assert told["sent"] > 10
    assert told["taken"] > 5
    assert all(told["rounds"].get(actor, 0) > 1 for actor in ("pop3", "marks", "moves"))
    assert told["missing"] == []
    assert told["doubled"] == {}
    assert told["strange"] == []
    assert told["torn"] == []
