"""Every topology that is shipped comes up and passes all its checks, on every engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHIPPED = sorted(Path(__file__).parents[2].glob("topologies/*.yml"))


@pytest.mark.slow
@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_topology_keeps_its_promises(labctl, engine, lab, shipped):
    """These are what a newcomer starts from, and what a teacher builds upon."""
    up = labctl("up", str(shipped), "--engine", engine, "--name", lab)
    assert up.returncode == 0, up.stderr

    verified = labctl("verify", lab, "-o", "json")

    report = json.loads(verified.stdout)
    assert [one for one in report["checks"] if one["outcome"] != "passed"] == []
    assert verified.returncode == 0
