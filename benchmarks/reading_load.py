"""Clients of POP3 and IMAP inside of one node; the answer as JSON.

Runs inside of a container: ``python3 reading_load.py SERVER JOB [ARGUMENT...]``, where SERVER
is ``inetd`` or ``dovecot``.  Needs nothing of ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

# What is kept of an answer: its last line must fit.
TAIL = 8192
USERS = [f"u{number:02d}" for number in range(20)]
PORTS = {"pop3": 110, "imap": 143}
INETD_CONF = """\
pop3 stream tcp nowait.100000 root /usr/sbin/ipop3d ipop3d
imap2 stream tcp nowait.100000 root /usr/sbin/imapd imapd
"""
DOVECOT_CONF = """\
protocols = imap pop3
listen = 127.0.0.1
mail_location = mbox:~/mail:INBOX=/var/mail/%u
mail_privileged_group = mail
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
passdb {
  driver = shadow
}
userdb {
  driver = passwd
}
"""
POP3 = ("STAT", "LIST", *(f"RETR {number}" for number in range(1, 6)), "QUIT")
IMAP = (
    "SELECT INBOX",
    "FETCH 1:* (FLAGS ENVELOPE)",
    'SEARCH TEXT "xray yankee"',
    "FETCH 1:10 BODY[]",
    "LOGOUT",
)


def main(server: str, job: str, *words: str) -> None:
    """Set the node up once, then do one job."""
    set_up(server)
    print(json.dumps(JOBS[job](*words)))


def set_up(server: str) -> None:
    """Users, mailboxes of a thousand messages, the server."""
    if Path("/var/mail/u00").exists():
        return
    for user in USERS:
        quiet("useradd", "-m", user)
    names = "".join(f"{user}:{user}-pw\n" for user in USERS)
    subprocess.run(["chpasswd"], input=names, text=True, check=True)
    content = mailbox(1000, 2000)
    for user in USERS:
        place(user, content)
    Path("/root/big").write_bytes(mailbox(10_000, 10_000))
    START[server]()
    for port in PORTS.values():
        wait_for(port)


def start_inetd() -> None:
    Path("/etc/inetd.conf").write_text(INETD_CONF)
    quiet("inetd")


def start_dovecot() -> None:
    Path("/etc/dovecot/dovecot.conf").write_text(DOVECOT_CONF)
    quiet("dovecot")


START = {"inetd": start_inetd, "dovecot": start_dovecot}


def quiet(*command: str) -> None:
    """Run a command; what it starts must not hold our output open."""
    null = subprocess.DEVNULL
    subprocess.run(command, stdin=null, stdout=null, stderr=null, check=False)


def mailbox(messages: int, octets: int) -> bytes:
    """An mbox of so many messages of about this size."""
    dice = random.Random(messages)
    words = [f"{dice.getrandbits(32):08x}" for _ in range(500)]
    lines = [" ".join(dice.choices(words, k=8)) + "\n" for _ in range(200)]
    texts = []
    for number in range(messages):
        text = "".join(dice.choices(lines, k=octets // 72))
        texts.append(
            f"From ann@a.test Mon Jan  5 10:00:00 2004\nFrom: Ann <ann@a.test>\n"
            f"To: Joe <joe@b.test>\nSubject: number {number}\nMessage-Id: <{number}@a.test>\n"
            f"Date: Mon, 5 Jan 2004 10:00:00 +0000\n\n{text}\n"
        )
    return "".join(texts).encode()


def place(user: str, content: bytes) -> None:
    path = Path("/var/mail", user)
    path.write_bytes(content)
    quiet("chown", f"{user}:mail", str(path))
    path.chmod(0o660)


def wait_for(port: int) -> None:
    """Until it answers, ten seconds at most."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            return
        time.sleep(0.02)


class Client:
    """A client that reads as little into the answers as it can."""

    def __init__(self, protocol: str) -> None:
        self._imap = protocol == "imap"
        self._socket = socket.create_connection(("127.0.0.1", PORTS[protocol]), 60)
        self._count = 0
        self._until(rb"\r\n\Z")

    def login(self, user: str) -> None:
        if self._imap:
            self.say(f"LOGIN {user} {user}-pw")
        else:
            self.say(f"USER {user}")
            self.say(f"PASS {user}-pw")

    def say(self, command: str) -> None:
        self._count += 1
        tag = f"t{self._count} " if self._imap else ""
        self._socket.sendall(f"{tag}{command}\r\n".encode())
        multi = command == "LIST" or command.startswith("RETR")
        end = rb"\r\n\.\r\n\Z" if multi else rb"\r\n\Z"
        self._until(
            rb"(?:\A|\n)%s(?:OK|NO|BAD)[^\n]*\n\Z" % tag.encode() if self._imap else end
        )

    def close(self) -> None:
        self._socket.close()

    def _until(self, end: bytes) -> None:
        tail, pattern = b"", re.compile(end)
        while pattern.search(tail) is None:
            data = self._socket.recv(1 << 20)
            if not data:
                raise OSError("closed")
            tail = (tail + data)[-TAIL:]


def session(protocol: str, user: str) -> None:
    """A whole visit."""
    client = Client(protocol)
    client.login(user)
    for command in IMAP if protocol == "imap" else POP3:
        client.say(command)
    client.close()


def sessions(protocol: str, concurrency: str, seconds: str) -> float:
    """Visits a second."""
    for user in USERS[: int(concurrency)]:
        session(protocol, user)
    done: list[float] = []
    began = time.monotonic()

    def visit(user: str) -> None:
        while time.monotonic() - began < float(seconds) or not done:
            session(protocol, user)
            done.append(time.monotonic())

    threads = [threading.Thread(target=visit, args=(u,)) for u in USERS[: int(concurrency)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / (max(done) - began)


def greeting(protocol: str) -> list[float]:
    """Milliseconds from connect to greeting, median and 99th percentile of 200."""
    times = []
    for _ in range(200):
        began = time.perf_counter()
        Client(protocol).close()
        times.append(1000 * (time.perf_counter() - began))
    times.sort()
    return [times[100], times[197]]


def opening(protocol: str) -> list[float]:
    """Seconds to open 10,000 messages of 100 MB, the first and the second time."""
    place("u00", Path("/root/big").read_bytes())
    times = []
    for _ in range(2):
        client = Client(protocol)
        if protocol == "imap":
            client.login("u00")
        else:
            client.say("USER u00")
        began = time.perf_counter()
        client.say("SELECT INBOX" if protocol == "imap" else "PASS u00-pw")
        times.append(time.perf_counter() - began)
        client.say("LOGOUT" if protocol == "imap" else "QUIT")
        client.close()
    place("u00", mailbox(1000, 2000))
    return times


def memory(protocol: str) -> float:
    """PSS in MB of one of twenty sessions, each with a thousand messages open."""
    before = set(processes())
    clients = [Client(protocol) for _ in USERS]
    for client, user in zip(clients, USERS, strict=True):
        client.login(user)
        client.say("SELECT INBOX" if protocol == "imap" else "RETR 1")
    new = [pss(pid) for pid in processes() if pid not in before]
    for client in clients:
        client.close()
    return sum(new) / len(USERS) / 1024


def processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        match = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(match[1]) if match else 0
    return 0


JOBS = {"sessions": sessions, "greeting": greeting, "opening": opening, "memory": memory}

if __name__ == "__main__":
    main(*sys.argv[1:])
