"""Many clients at once that want nothing: memory stays bounded, and the next one is served."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

IMAGE = "labctl/node:latest"
FLOOD = Path(__file__).with_name("idle_clients.py").read_text()
DEADLINE = 200


def docker(*words, stdin=""):
    """What a docker command prints."""
    return subprocess.run(
        ["docker", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    ).stdout.strip()


@pytest.fixture
def node():
    if shutil.which("docker") is None or not docker("images", "-q", IMAGE):
        pytest.skip(f"no image {IMAGE}: labctl images build node")
    name = docker("run", "-d", "--init", "--network", "none", IMAGE, "sleep", "infinity")
    yield name
    docker("rm", "-f", name)


@pytest.mark.slow
@pytest.mark.docker
def test_idle_clients_take_no_more_than_their_share(node):
    """master(5) maxproc: who comes too many waits in the kernel, and everybody recovers."""
    told = json.loads(docker("exec", "-i", node, "python3", "-", "1000", stdin=FLOOD))

    assert told["connected"] > 20
    assert told["greeted"] == 20
    assert len(told["memory"]) == 20
    assert max(told["memory"]) < 25_000
    assert told["banner"].startswith("220 mail.alpha.test ESMTP")
