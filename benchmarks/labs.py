"""How fast labs come and go: `python -m benchmarks.labs [--rounds N] [--skip-docker]`.

Native and docker in one run, the rival (docker-compose, as many idle containers of the same
image) interleaved with ours.  The table goes to standard output and into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.measure import Figure, keep, rounds, table, timed

LABCTL: Final = [str(Path(sys.executable).with_name("labctl"))]
BEAUVELO: Final = "topologies/beauvelo.yml"
LAB: Final = "bench"
MANY: Final = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip-docker", action="store_true")
    options = parser.parse_args()
    figures = [*_command_line(options.rounds), *_native(options.rounds)]
    if not options.skip_docker and shutil.which("docker-compose"):
        figures += _docker(options.rounds)
    text = table(figures)
    sys.stdout.write(text)
    keep("labs", text)


def _command_line(count: int) -> Iterator[Figure]:
    yield Figure("labctl --help", "0.25 s", rounds(count, lambda: timed([*LABCTL, "--help"])))


def _native(count: int) -> Iterator[Figure]:
    up: list[float] = []
    again: list[float] = []
    verify: list[float] = []
    down: list[float] = []
    memory: list[float] = []
    for _ in range(count):
        up.append(timed([*LABCTL, "up", BEAUVELO, "--engine", "native", "--name", LAB]))
        again.append(timed([*LABCTL, "up", BEAUVELO, "--engine", "native", "--name", LAB]))
        memory.append(_node_memory("smtp"))
        verify.append(timed([*LABCTL, "verify", LAB]))
        down.append(timed([*LABCTL, "down", LAB]))
    yield Figure("native: up beauvelo (7 nodes), all services answer", "1.5 s", up)
    yield Figure("native: up again, nothing to do", "0.6 s", again)
    yield Figure("native: verify beauvelo, drills included", "8 s", verify)
    yield Figure("native: down beauvelo", "0.5 s", down)
    yield Figure("native: PSS of an idle MTA node, sum", "40 MB", memory, "MB")
    with tempfile.TemporaryDirectory() as folder:
        topology = _many(Path(folder), MANY)
        each = []
        for _ in range(max(1, count // 2)):
            seconds = timed([*LABCTL, "up", topology, "--engine", "native", "--timeout", "120"])
            each.append(1000 * seconds / MANY)
            timed([*LABCTL, "down", "many"])
    yield Figure(f"native: up {MANY} idle MTA nodes, per node", "40 ms", each, "ms")


def _docker(count: int) -> Iterator[Figure]:
    nodes = json.loads(_output([*LABCTL, "plan", BEAUVELO]))["nodes"]
    with tempfile.TemporaryDirectory() as folder:
        rival = _compose_file(Path(folder), [node["name"] for node in nodes])
        timed(
            [*LABCTL, "up", BEAUVELO, "--engine", "docker", "--name", LAB]
        )  # builds the image
        timed([*LABCTL, "down", LAB])
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(count):
            ours.append(timed([*LABCTL, "up", BEAUVELO, "--engine", "docker", "--name", LAB]))
            timed([*LABCTL, "down", LAB])
            theirs.append(timed([*rival, "up", "-d"]))
            timed([*rival, "down", "-t", "0"])
    yield Figure(f"docker: up beauvelo ({len(nodes)} nodes), all services answer", "", ours)
    yield Figure(f"docker-compose up -d, {len(nodes)} idle containers", "", theirs)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    yield Figure("docker: labctl / docker-compose", "1.5", ratios, "x")


def _node_memory(node: str) -> float:
    script = "cat /proc/[0-9]*/smaps_rollup | awk '/^Pss:/ {s += $2} END {print s}'"
    return (
        float(_output([*LABCTL, "exec", "--lab", LAB, node, "--", "sh", "-c", script])) / 1024
    )


def _many(folder: Path, count: int) -> str:
    nodes = "".join(
        f"  mx{number}: {{role: mta, hostname: mx{number}.example.test}}\n"
        for number in range(count)
    )
    path = folder / "many.yml"
    path.write_text(
        f"lab: many\nnodes:\n  ns: {{role: dns, hostname: ns.example.test}}\n{nodes}"
    )
    return str(path)


def _compose_file(folder: Path, names: list[str]) -> list[str]:
    services = {
        name: {"image": "labctl/node:latest", "command": "sleep infinity"} for name in names
    }
    path = folder / "docker-compose.json"
    network = {"ipam": {"config": [{"subnet": "198.19.250.0/24"}]}, "internal": True}
    path.write_text(
        json.dumps({"version": "3", "services": services, "networks": {"default": network}})
    )
    return ["docker-compose", "-p", "rival", "-f", str(path)]


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
