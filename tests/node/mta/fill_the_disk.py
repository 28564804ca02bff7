"""Fill the disks of the queue and of the mailboxes under mail; tell what was said, as JSON.

Runs inside of a node whose /var/spool/postfix and /var/mail are small file systems of their
own: ``python3 fill_the_disk.py``.  Needs nothing of ours.
"""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

MAIN_CF = """\
compatibility_level = 3.6
maillog_file = /var/log/maillog
inet_protocols = ipv4
inet_interfaces = loopback-only
myhostname = mail.alpha.test
mydestination = $myhostname, alpha.test
alias_maps =
smtpd_peername_lookup = no
message_size_limit = 400000
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""
SPOOL, MAIL = Path("/var/spool/postfix"), Path("/var/mail")
LARGE = 100_000
PATIENCE = 60


def main() -> None:
    """The queue first, then the mailboxes; in the end there is room again."""
    Path("/etc/postfix/main.cf").write_text(MAIN_CF)
    run("useradd", "-m", "joe")
    run("postfix", "start")
    said = queue_is_full() | mailbox_is_full()
    wait_for(lambda: "queue is empty" in run("postqueue", "-p").stdout)
    text = (MAIL / "joe").read_text()
    subjects = [line[9:] for line in text.splitlines() if line.startswith("Subject: ")]
    log = Path("/var/log/maillog").read_text()
    print(json.dumps(said | {"arrived": sorted(subjects), "log": log}))


def queue_is_full() -> dict[str, object]:
    """While a message is on its way, when the next one comes, and for local users."""
    said: dict[str, object] = {}
    client = smtplib.SMTP("127.0.0.1", 25, timeout=20)
    client.ehlo("client.test")
    client.docmd("MAIL FROM:<ann@alpha.test>")
    client.docmd("RCPT TO:<joe@alpha.test>")
    fill(SPOOL, leave=16384)
    said["data"] = send(client, "during")
    said["mail"] = client.docmd("MAIL FROM:<ann@alpha.test>")[0]
    said["sendmail"] = run(*SENDMAIL, text=letter("dropped", LARGE)).returncode
    said["small sendmail"] = run(*SENDMAIL, text=letter("small", 10)).returncode
    empty(SPOOL)
    said["mail again"] = client.docmd("MAIL FROM:<ann@alpha.test>")[0]
    client.docmd("RCPT TO:<joe@alpha.test>")
    said["data again"] = send(client, "after")
    client.quit()
    return said


def mailbox_is_full() -> dict[str, object]:
    """The message waits in the queue, and the mailbox stays as it was."""
    wait_for(lambda: "queue is empty" in run("postqueue", "-p").stdout)
    before = (MAIL / "joe").read_bytes()
    fill(MAIL, leave=4096)
    run(*SENDMAIL, text=letter("waiting", LARGE))
    wait_for(lambda: "status=deferred" in Path("/var/log/maillog").read_text())
    unchanged = (MAIL / "joe").read_bytes() == before
    empty(MAIL)
    return {"mailbox unchanged": unchanged}


def fill(directory: Path, *, leave: int) -> None:
    """Leave only so many bytes."""
    disk = os.statvfs(directory)
    (directory / "filler").write_bytes(bytes(disk.f_bavail * disk.f_frsize - leave))


def empty(directory: Path) -> None:
    (directory / "filler").unlink()


def send(client: smtplib.SMTP, subject: str) -> int:
    """The code at the end of data."""
    client.docmd("DATA")
    client.send(letter(subject, LARGE).replace("\n", "\r\n") + ".\r\n")
    return client.getreply()[0]


def letter(subject: str, size: int) -> str:
    """A message of about that size."""
    return f"Subject: {subject}\n\n" + "ten bytes\n" * (size // 10)


def run(*command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """A command, and what it said; daemons that it leaves behind must not hold our pipes."""
    if command[0] == "postfix":
        null = subprocess.DEVNULL
        return subprocess.run(command, stdout=null, stderr=null, text=True, check=False)
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def wait_for(condition: Callable[[], bool]) -> None:
    """Until something has happened, or give up and let the test say what is missing."""
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


SENDMAIL = ("sendmail", "-f", "ann@alpha.test", "joe@alpha.test")
main()
