"""Runs inside of a node: fill the queue, let qmgr take it in, tell its memory as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

# The mailbox commands never end: what is active stays active.
MAIN_CF = """\
compatibility_level = 3.6
maillog_file = /dev/null
maillog_file_prefixes = /dev
inet_protocols = ipv4
inet_interfaces = loopback-only
myhostname = mail.alpha.test
mydestination = alpha.test
local_recipient_maps =
mailbox_command = sleep 100000
recipient_delimiter = +
"""
SPOOL = Path("/var/spool/postfix")
PATIENCE = 600.0
CLIENT = "client.example.test"
ATTRIBUTES = {
    "rewrite_context": "remote",
    "log_client_name": CLIENT,
    "log_client_address": "198.18.0.5",
    "log_client_port": "45321",
    "log_message_origin": f"{CLIENT}[198.18.0.5]",
    "log_helo_name": CLIENT,
    "log_protocol_name": "ESMTP",
    "client_name": CLIENT,
    "reverse_client_name": CLIENT,
    "client_address": "198.18.0.5",
    "client_port": "45321",
    "client_address_type": "2",
    "helo_name": CLIENT,
    "protocol_name": "ESMTP",
}


def main(count: int) -> None:
    """Memory before, with an empty queue, and after."""
    Path("/etc/postfix/main.cf").write_text(MAIN_CF)
    null = subprocess.DEVNULL
    subprocess.run(["useradd", "-m", "joe"], check=True)
    subprocess.run(["postfix", "start"], stdout=null, stderr=null, check=True)
    qmgr = wait_for(lambda: find("qmgr"))
    before = private_memory(qmgr)
    owner = pwd.getpwnam("postfix")
    for number in range(count):
        put(f"{0xA0000000 + number:X}", number, owner)
    subprocess.run(["postqueue", "-f"], check=True)
    subprocess.run(["postfix", "reload"], stdout=null, stderr=null, check=True)
    qmgr = wait_for(lambda: find("qmgr", but=qmgr))
    active = settled()
    print(
        json.dumps({"before": before, "after": private_memory(qmgr), "active": active}),
        flush=True,
    )
    subprocess.run(["postfix", "stop"], stdout=null, stderr=null, check=False)


def record(kind: str, text: str) -> bytes:
    """A record of less than 128 bytes, which all of these are."""
    data = text.encode()
    return kind.encode() + bytes([len(data)]) + data


def put(queue_id: str, number: int, owner: pwd.struct_passwd) -> None:
    """One complete queue file."""
    address = f"joe+{number}@alpha.test"
    envelope = b"".join(
        [
            record("T", f"{int(time.time())} 0"),
            *(record("A", f"{name}={value}") for name, value in ATTRIBUTES.items()),
            record("S", "ann@example.test"),
            record("A", f"dsn_orig_rcpt=rfc822;{address}"),
            record("O", address),
            record("R", address),
            record("M", ""),
        ]
    )
    content = record("N", f"Subject: {number}") + record("N", "") + record("N", "text")
    numbers = (20, 97 + len(envelope), 1, 0, len(content), 0)
    size = record("C", " ".join(f"{each:15d}" for each in numbers))
    path = SPOOL / "incoming" / queue_id
    path.write_bytes(size + envelope + content + record("X", "") + record("E", ""))
    os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(0o700)


def settled() -> int:
    """How many are active when no more become so."""
    active, since = -1, time.monotonic()
    deadline = since + PATIENCE
    while time.monotonic() < min(since + 5, deadline):
        now = len(os.listdir(SPOOL / "active"))
        if now != active:
            active, since = now, time.monotonic()
        time.sleep(0.2)
    return active


def find(name: str, but: int = 0) -> int:
    """The process of that name, or 0."""
    for entry in Path("/proc").glob("[0-9]*/comm"):
        pid = int(entry.parent.name)
        with contextlib.suppress(OSError):  # it has just ended
            if pid != but and entry.read_text().strip() == name:
                return pid
    return 0


def private_memory(pid: int) -> int:
    """What is no file: what it shares with its parent is there before and after."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) * 1024


def wait_for(condition: Callable[[], int]) -> int:
    """What the condition finds in the end."""
    deadline = time.monotonic() + 30
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


main(int(sys.argv[1]))
