"""What a message in the queue costs the queue manager: ``python -m benchmarks.queue_memory``.

INPUT AND OUTPUT
    Starts a node of ``labctl/node:latest`` (or the image that is named), puts messages into
    its incoming queue, lets qmgr take in as many as qmgr_message_active_limit allows, and
    prints what its private memory has grown by.  Goal: 1 kB for each message of the queue.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

IMAGE = "labctl/node:latest"
INSIDE = Path(__file__).with_name("fill_the_queue.py")


def main(image: str, count: int) -> None:
    """One node, one figure."""
    node = docker("run", "-d", "--init", "--network", "none", image, "sleep", "infinity")
    try:
        said = json.loads(
            docker("exec", "-i", node, "python3", "-", str(count), text=INSIDE.read_text())
        )
    finally:
        docker("rm", "-f", node)
    growth = said["after"] - said["before"]
    print("| messages in the queue | active | growth of qmgr | per message | goal |")
    print("|---|---|---|---|---|")
    each = growth / count
    print(f"| {count} | {said['active']} | {growth / 2**20:.1f} MiB | {each:.0f} B | 1024 B |")


def docker(*words: str, text: str = "") -> str:
    """Run a docker command and return what it prints."""
    command = ["docker", *words]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else IMAGE,
        int(sys.argv[2]) if len(sys.argv) > 2 else 100_000,
    )
