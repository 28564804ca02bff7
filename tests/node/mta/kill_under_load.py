"""Send mail while processes of the mail system die at random; tell what became of it as JSON.

Runs inside of a node: ``python3 kill_under_load.py PROFILE SEED [SECONDS]``; needs nothing of
ours.  ``PROFILES`` says who dies.  A pause (SIGSTOP) stands for a machine so busy that a
process does not run for a while: the orphans of a dead master then meet its successor.
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
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

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
EVERYBODY = (
    "smtpd",
    "cleanup",
    "qmgr",
    "local",
    "trivial-rewrite",
    "pickup",
    "bounce",
    "error",
)
# Between the delivery and its mark, or between the queue file and its receipt, lies a moment
# in which a crash means once more: RFC 5321 4.5.5 has it so, and asks for no more than this.
MAY_DOUBLE = ("local", "pickup", "cleanup")
PATIENCE = 120  # seconds, for the slowest machine; nothing waits that long without a reason
ENOUGH = 25  # kills, and messages, for a verdict
LINES = 40


Way = Callable[[str, str], bool]


class Profile(NamedTuple):
    """Who dies, and how often."""

    victims: tuple[str, ...] = EVERYBODY
    master: float = 0.05  # how many of the victims are master
    node: float = 0.0  # how often everything dies at once
    pause: float = 0.0  # how often a process is held up
    delay: float = 0.15  # the longest time between two deeds


PROFILES = {
    "processes": Profile(),
    "managers": Profile(("smtpd", "qmgr", "trivial-rewrite", "bounce"), master=0.2),
    "busy": Profile(master=0.1, pause=0.3, delay=0.3),
    "node": Profile((), node=1.0, delay=0.9),
}


class Toll(NamedTuple):
    """What the reaper has done."""

    killed: int
    may_double: int  # of these, how many could leave a message that is delivered again


def main(profile: Profile, seed: int, seconds: float) -> None:
    """Load, kill, repair, count."""
    set_up()
    accepted: list[str] = []
    over = threading.Event()
    ways = [send_by_smtp] * 3 + [drop if profile.victims == EVERYBODY else send_by_smtp]
    senders = [
        threading.Thread(target=send, args=(f"s{seed}x{n}", way, accepted, over))
        for n, way in enumerate(ways)
    ]
    for sender in senders:
        sender.start()
    toll = Reaper(profile, random.Random(seed), accepted).reap(seconds)
    over.set()
    for sender in senders:
        sender.join()
    start()
    drained = drain()
    found = {"drained": drained, **toll._asdict(), **count(accepted)}
    if found["missing"] or not drained:
        found["evidence"] = evidence()
    print(json.dumps(found))


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
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and quiet("postfix", "status"):
        quiet("postfix", "start")


def send(name: str, way: Way, accepted: list[str], over: threading.Event) -> None:
    """Messages one after the other; only what was accepted counts."""
    number = 0
    while not over.is_set():
        number += 1
        token = f"{name}n{number}e"
        if way(token, f"Subject: {token}\n\n" + f"{token}\n" * LINES + f"end {token}\n"):
            accepted.append(token)


def send_by_smtp(token: str, text: str) -> bool:
    """Whether there was a 250, whatever happened to QUIT."""
    accepted = False
    with (
        contextlib.suppress(OSError, smtplib.SMTPException),
        smtplib.SMTP("127.0.0.1", 25, timeout=10) as client,
    ):
        client.sendmail("ann@alpha.test", ["joe@alpha.test"], text)
        accepted = True
    if not accepted:
        time.sleep(0.02)
    return accepted


def drop(token: str, text: str) -> bool:
    """Whether sendmail(1) said that it has taken the message."""
    command = ["sendmail", "-f", "ann@alpha.test", "joe@alpha.test"]
    null = subprocess.DEVNULL
    done = subprocess.run(command, input=text.encode(), stdout=null, stderr=null, check=False)
    return done.returncode == 0


class Reaper:
    """Kills by dice, and counts."""

    def __init__(self, profile: Profile, dice: random.Random, accepted: list[str]) -> None:
        self.profile, self.dice, self.accepted = profile, dice, accepted
        self.killed = self.may_double = 0
        self.held: list[threading.Timer] = []

    def reap(self, seconds: float) -> Toll:
        """One deed after the other, until the time is over and enough has happened."""
        began = time.monotonic()
        while time.monotonic() < began + seconds or not self.has_tried(began):
            time.sleep(self.dice.uniform(0.01, self.profile.delay))
            if self.dice.random() < 0.5:
                self.wait_for_mail()
            self.deed(mail_processes())
        for timer in self.held:
            timer.join()
        return Toll(self.killed, self.may_double)

    def has_tried(self, began: float) -> bool:
        """A slow machine gets more time, but not for ever."""
        enough = self.killed >= ENOUGH and len(self.accepted) >= ENOUGH
        return enough or time.monotonic() > began + PATIENCE

    def wait_for_mail(self) -> None:
        """Let the mail system come so far that there is something to lose."""
        before, deadline = len(self.accepted), time.monotonic() + 2
        while len(self.accepted) == before and time.monotonic() < deadline:
            time.sleep(0.005)

    def deed(self, processes: list[tuple[int, str]]) -> None:
        """What the dice say."""
        if processes and self.dice.random() < self.profile.pause:
            self.hold(*self.dice.choice(processes))
        if self.dice.random() < self.profile.node:
            for process in processes:
                self.kill(*process)
            start()
            return
        names = ["master"] if self.dice.random() < self.profile.master else self.profile.victims
        victims = [process for process in processes if process[1] in names]
        if victims:
            self.kill(*self.dice.choice(victims))
        if names == ["master"]:
            start()

    def kill(self, pid: int, name: str) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed += 1
            self.may_double += name in MAY_DOUBLE

    def hold(self, pid: int, name: str) -> None:
        """The process does not run for a while; the one that would start others does."""

        def let_go() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

        if name != "master":
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
            self.held.append(threading.Timer(self.dice.uniform(0.1, 2), let_go))
            self.held[-1].start()


def mail_processes() -> list[tuple[int, str]]:
    """Everything that calls itself by the name of a Postfix program."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError):
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().split()
                name = words[0].rpartition("/")[2].rstrip(":")
                if name in (*EVERYBODY, "master"):
                    found.append((int(entry.name), name))
    return found


def drain() -> bool:
    """Whether the queue is empty in the end."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        quiet("postqueue", "-f")
        if "queue is empty" in said("postqueue", "-p"):
            return True
        time.sleep(0.3)
    return False


def said(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


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


def evidence() -> str:
    """What a person would look at: the queue, the processes, the end of the log."""
    log = Path("/var/log/maillog").read_text(errors="replace").splitlines()
    parts = [said("postqueue", "-p"), said("ps", "axfo", "pid,ppid,stat,etime,wchan:20,args")]
    return "\n".join([*parts, *log[-200:]])


main(PROFILES[sys.argv[1]], int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 8)
