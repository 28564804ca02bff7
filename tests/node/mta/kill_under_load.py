"""Send mail while processes of the mail system die at random; tell what became of it as JSON.

Runs inside of a node: ``python3 kill_under_load.py SEED [SECONDS]``.  Needs nothing of ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import smtplib
import subprocess
import sys
import threading
import time
from pathlib import Path

# The pauses that Postfix makes after an accident, 60 s and more, are cut to one second.
MAIN_CF = """\
compatibility_level = 3.6
maillog_file = /var/log/maillog
inet_protocols = ipv4
inet_interfaces = loopback-only
myhostname = mail.alpha.test
mydestination = $myhostname, alpha.test
stale_lock_time = 1s
smtpd_peername_lookup = no
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
transport_retry_time = 1s
ipc_timeout = 10s
service_throttle_time = 1s
"""
MAILBOX = Path("/var/mail/joe")
VICTIMS = ("smtpd", "cleanup", "qmgr", "local", "trivial-rewrite", "pickup", "bounce")
DRAIN_SECONDS = 25
LINES = 40


def main(seed: int, seconds: float) -> None:
    """Load, kill, repair, count."""
    dice = random.Random(seed)
    set_up()
    accepted: list[str] = []
    over = threading.Event()
    senders = [
        threading.Thread(target=send, args=(f"s{seed}x{n}", accepted, over)) for n in range(4)
    ]
    for sender in senders:
        sender.start()
    killed = kill_for(seconds, dice)
    over.set()
    for sender in senders:
        sender.join(10)
    start()
    drained = drain()
    print(json.dumps({"seed": seed, "killed": killed, "drained": drained, **count(accepted)}))


def set_up() -> None:
    """One user, a short main.cf."""
    Path("/etc/postfix/main.cf").write_text(MAIN_CF)
    quiet("useradd", "-m", "joe")
    start()


def quiet(*command: str) -> int:
    """Run a command; what it starts must not hold our output open."""
    null = subprocess.DEVNULL
    return subprocess.run(command, stdin=null, stdout=null, stderr=null, check=False).returncode


def start() -> None:
    """Until it runs: the processes of a dead master may still hold its lock for a moment."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and quiet("postfix", "status"):
        quiet("postfix", "start")


def send(name: str, accepted: list[str], over: threading.Event) -> None:
    """Messages one after the other; only what got its 250 counts."""
    number = 0
    while not over.is_set():
        number += 1
        token = f"{name}n{number}e"
        text = f"Subject: {token}\r\n\r\n" + f"{token}\r\n" * LINES + f"end {token}\r\n"
        try:
            with smtplib.SMTP("127.0.0.1", 25, timeout=5) as client:
                client.sendmail("ann@alpha.test", ["joe@alpha.test"], text)
                accepted.append(token)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.02)


def kill_for(seconds: float, dice: random.Random) -> int:
    """One victim after the other; now and then master itself, which is started again."""
    killed, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(dice.uniform(0.02, 0.3))
        processes = mail_processes()
        names = ["master"] if dice.random() < 0.1 else list(VICTIMS)
        victims = [pid for pid, name in processes if name in names]
        if victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(victims), signal.SIGKILL)
                killed += 1
        if names == ["master"]:
            start()
    return killed


def mail_processes() -> list[tuple[int, str]]:
    """Everything that calls itself by the name of a Postfix program."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError):
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().split()
                name = words[0].rpartition("/")[2].rstrip(":")
                if name in (*VICTIMS, "master"):
                    found.append((int(entry.name), name))
    return found


def drain() -> bool:
    """Whether the queue is empty in the end."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        quiet("postqueue", "-f")
        listing = subprocess.run(
            ["postqueue", "-p"], capture_output=True, text=True, check=False, timeout=20
        )
        if "queue is empty" in listing.stdout:
            return True
        time.sleep(0.3)
    return False


def count(accepted: list[str]) -> dict[str, object]:
    """What is in the mailbox, held against what was accepted."""
    text = MAILBOX.read_text() if MAILBOX.exists() else ""
    arrived: dict[str, int] = {}
    torn = []
    for message in re.split(r"(?:\A|(?<=\n\n))(?=From )", text):
        match = re.search(r"^Subject: (\S+)$", message, re.MULTILINE)
        if match is None:
            torn += [message[:200]] if message.strip() else []
            continue
        token = match[1]
        arrived[token] = arrived.get(token, 0) + 1
        if message.count(f"{token}\n") != LINES + 2 or not message.endswith(f"end {token}\n\n"):
            torn.append(token)
    return {
        "accepted": len(accepted),
        "missing": [token for token in accepted if token not in arrived],
        "doubled": [token for token, times in arrived.items() if times > 1],
        "torn": torn,
    }


main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 8)
