"""What reading mail costs: `python -m benchmarks.reading [--rounds N] [--quick]`.

Sessions a second, greetings, large mailboxes and memory, round by round with ours through
inetd and with Debian's Dovecot in the same container settings, so that what else the machine
does hits both.  The table goes to docs/performance.md.
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

LOAD: Final = Path(__file__).with_name("reading_load.py")
RIVAL: Final = "labctl/bench-dovecot"
RIVAL_DOCKERFILE: Final = """\
FROM labctl/base:bookworm
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends dovecot-imapd dovecot-pop3d \\
    python3 && apt-get clean
"""
# What the servers of the University of Washington did on two cores, with the same sessions.
RECORDED: Final = {
    ("pop3", "1"): 31.1,
    ("pop3", "20"): 66.8,
    ("imap", "1"): 8.5,
    ("imap", "20"): 18.1,
}


class Server(NamedTuple):
    """One container, and which server runs in it."""

    container: str
    kind: str

    def job(self, *words: object) -> Any:
        """Run one job of ``reading_load``; its answer."""
        command = ["docker", "exec", "-i", self.container, "python3", "-", self.kind]
        return json.loads(_output([*command, *map(str, words)], LOAD.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", default="labctl/node:latest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round, nothing is kept")
    options = parser.parse_args()
    _output(["docker", "build", "-q", "-t", RIVAL, "-"], RIVAL_DOCKERFILE)
    servers = [Server(_run(options.image), "inetd"), Server(_run(RIVAL), "dovecot")]
    try:
        rows = list(_rows(servers, 1 if options.quick else options.rounds))
    finally:
        for server in servers:
            _output(["docker", "rm", "-f", server.container])
    head = "| what | ours | Dovecot | ratio | UW-IMAP, recorded |\n|---|---|---|---|---|\n"
    text = head + "".join(rows)
    sys.stdout.write(text)
    if not options.quick:
        keep("reading", text)


def _rows(servers: Sequence[Server], rounds: int) -> Iterator[str]:
    for protocol in ("pop3", "imap"):
        for concurrency in ("1", "20"):
            samples = _turns(servers, rounds, "sessions", protocol, concurrency, 5)
            what = f"{protocol}: sessions, {concurrency} at a time"
            yield _row(what, "/s", samples, f"{RECORDED[protocol, concurrency]} /s")
    for protocol, recorded in (("pop3", ("2.3 ms", "3.6 ms")), ("imap", ("2.3 ms", "2.9 ms"))):
        pairs = _turns(servers, rounds, "greeting", protocol)
        for index, name in enumerate(("p50", "p99")):
            what = f"{protocol}: greeting, {name}"
            yield _row(what, "ms", _column(pairs, index), recorded[index])
    for protocol, recorded in (("pop3", ("0.16 s", "0.17 s")), ("imap", ("0.39 s", "0.15 s"))):
        pairs = _turns(servers, rounds, "opening", protocol)
        for index, name in enumerate(("first", "again")):
            what = f"{protocol}: opening 10,000 messages, 100 MB, {name}"
            yield _row(what, "s", _column(pairs, index), recorded[index])
    for protocol, known in (("pop3", "0.6 MB"), ("imap", "1.6 MB")):
        samples = _turns(servers, rounds, "memory", protocol)
        yield _row(f"{protocol}: PSS of a session", "MB", samples, known)


def _turns(servers: Sequence[Server], rounds: int, *words: object) -> list[list[Any]]:
    """A B A B: one list of answers for each server."""
    answers: list[list[Any]] = [[] for _ in servers]
    for _ in range(rounds):
        for server, own in zip(servers, answers, strict=True):
            own.append(server.job(*words))
    return answers


def _column(pairs: list[list[Any]], index: int) -> list[list[float]]:
    return [[pair[index] for pair in each] for each in pairs]


def _row(what: str, unit: str, samples: list[list[float]], recorded: str) -> str:
    ours, rival = (statistics.median(each) for each in samples)
    cells = [what, f"{ours:.3g} {unit}", f"{rival:.3g} {unit}", f"{ours / rival:.2f}", recorded]
    return f"| {' | '.join(cells)} |\n"


def _run(image: str) -> str:
    # Memory of processes of other users is only to be read by who may trace them.
    create = ["docker", "run", "-d", "--init", "--cap-add", "SYS_PTRACE", "--network", "none"]
    return _output([*create, image, "sleep", "infinity"]).strip()


def _output(command: list[str], text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
