"""What the mail system costs: `python -m benchmarks.mta [--against IMAGE] [--quick]`.

Messages a second into mailboxes, CPU of each daemon, latency, memory, start; round by round
ours and, where there is an image of it, genuine Postfix in the same container settings, so
that what else the machine does hits both.  The table goes to docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.measure import keep

LOAD: Final = Path(__file__).with_name("mail_load.py")
OURS: Final = "labctl/node:latest"
KINDS: Final = ("local", "virtual", "relay")


class Row(NamedTuple):
    """One line of the table: the samples of one image after the other."""

    what: str
    unit: str
    samples: Sequence[Sequence[float]]
    goal: str = ""

    def text(self) -> str:
        medians = [statistics.median(one) for one in self.samples]
        cells = [f"{median:.2f} {self.unit}" for median in medians]
        ratio = f"{medians[0] / medians[1]:.2f}" if len(medians) > 1 and medians[1] else ""
        return f"| {' | '.join([self.what, *cells, ratio, self.goal])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", default=OURS)
    parser.add_argument("--against", default="", help="an image with genuine Postfix")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="one round, concurrency 10 only")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    images = [options.image, *([options.against] if options.against else [])]
    nodes = [Node(image) for image in images]
    try:
        rows = list(_rows(nodes, rounds, options.messages, quick=options.quick))
    finally:
        for node in nodes:
            node.remove()
    text = _table(images, rows)
    sys.stdout.write(text)
    if not options.quick:
        keep("mta", text)


class Node:
    """A container of one image, without a network."""

    def __init__(self, image: str) -> None:
        # What others use is only to be read by who may trace them.
        create = ["docker", "run", "-d", "--rm", "--init", "--cap-add", "SYS_PTRACE"]
        self.name = _output([*create, "--network", "none", image, "sleep", "infinity"]).strip()

    def job(self, *words: object) -> Any:
        """Run one job of ``mail_load``; its answer."""
        command = ["docker", "exec", "-i", self.name, "python3", "-", *map(str, words)]
        return json.loads(_output(command, LOAD.read_text()))

    def remove(self) -> None:
        _output(["docker", "rm", "-f", self.name])


def _rows(nodes: list[Node], rounds: int, count: int, *, quick: bool) -> Iterator[Row]:
    for kind in KINDS:
        for concurrency in (10,) if quick else (1, 10, 50):
            words = ("throughput", kind, concurrency, count, 2000)
            samples = _turns(nodes, rounds, *words)
            yield Row(f"{kind}, {concurrency} at a time", "/s", samples, "0.5 x")
    for kind in KINDS:
        costs = _turns(nodes, rounds, "cost", kind, 10, count, 2000)
        totals = [[sum(cost.values()) for cost in each] for each in costs]
        yield Row(f"{kind}: CPU a message", "ms", totals)
        for name in sorted({name for each in costs for cost in each for name in cost}):
            one = [[cost.get(name, 0.0) for cost in each] for each in costs]
            if max(map(statistics.median, one)) >= 0.005:
                yield Row(f"{kind}: {name}", "ms", one)
    latencies = [_flat(each) for each in _turns(nodes, rounds, "latency", 20)]
    yield Row("latency of a message, idle", "ms", latencies, "25 ms")
    memory = _turns(nodes, rounds, "memory")
    yield Row("PSS, idle", "MB", [[one[0] for one in each] for each in memory], "40 MB")
    after = [[one[1] for one in each] for each in memory]
    yield Row("PSS, after three messages", "MB", after, "40 MB")
    starts = [_flat(each) for each in _turns(nodes, rounds, "starts", 5)]
    yield Row("postfix start to greeting", "s", starts, "0.5 s")
    commands = _turns(nodes, rounds, "commands", 10)
    for name in commands[0][0]:
        yield Row(
            name, "ms", [_flat([one[name] for one in each]) for each in commands], "80 ms"
        )


def _turns(nodes: list[Node], rounds: int, *words: object) -> list[list[Any]]:
    """A B A B: one list of answers for each node."""
    answers: list[list[Any]] = [[] for _ in nodes]
    for _ in range(rounds):
        for node, own in zip(nodes, answers, strict=True):
            own.append(node.job(*words))
    return answers


def _flat(samples: Sequence[Sequence[float]]) -> list[float]:
    return [value for each in samples for value in each]


def _table(images: list[str], rows: list[Row]) -> str:
    ratio = "ratio" if len(images) > 1 else ""
    head = ["what", *images, ratio, "goal"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(row.text() for row in rows)]) + "\n"


def _output(command: list[str], text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
