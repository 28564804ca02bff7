"""One mailbox while mail comes, POP3 deletes, IMAP reads, marks and moves; the outcome as JSON.

Runs inside of a node: ``python3 everybody_at_once.py MODE [SECONDS]``.  Needs nothing of ours.
Each message is named once by its subject; whoever takes one away says so only when the server
has confirmed it.  What was accepted and not taken must lie in the mailbox, once and whole.
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import poplib
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

PASSWORD = "joe-pw"
LINES = 30
PER_SECOND = 20
MAIN_CF = """\
compatibility_level = 3.6
maillog_file = /var/log/maillog
inet_protocols = ipv4
inet_interfaces = loopback-only
myhostname = mail.alpha.test
mydestination = $myhostname, alpha.test
mailbox_command = /usr/bin/procmail
"""
INETD_CONF = """\
pop3 stream tcp nowait.100000 root /usr/sbin/ipop3d ipop3d
imap2 stream tcp nowait.100000 root /usr/sbin/imapd imapd
"""
# Every third message goes to a folder that IMAP adds to as well.
PROCMAILRC = """\
MAILDIR=$HOME
:0:
* ^Subject: m[0-9]*[369]x
filed
"""
COMPLAINTS = (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto)


class World:
    """What the actors agree on."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.sent: list[str] = []
        self.taken: dict[str, list[str]] = {}
        self.torn: list[str] = []
        self.rounds: dict[str, int] = {}

    def take(self, actor: str, text: bytes) -> None:
        self.taken.setdefault(token_of(text), []).append(actor)
        if not is_whole(text):
            self.torn.append(text.decode("latin-1")[:300])

    def acts(self, actor: str) -> None:
        self.rounds[actor] = self.rounds.get(actor, 0) + 1


def main(mode: str, seconds: float) -> None:
    """Set up, let everybody loose, count."""
    set_up(mode)
    world = World()
    actors = [threading.Thread(target=run, args=(world, actor)) for actor in ACTORS]
    for actor in actors:
        actor.start()
    deliver(world, seconds)
    world.over.set()
    for actor in actors:
        actor.join(60)
    drained = drain()
    print(
        json.dumps({"mode": mode, "drained": drained, "rounds": world.rounds, **count(world)})
    )


def set_up(mode: str) -> None:
    """One user, the mail system, the super-server."""
    Path("/etc/labctl").mkdir(exist_ok=True)
    Path("/etc/labctl/mailbox_mode").write_text(f"{mode}\n")
    Path("/etc/postfix/main.cf").write_text(MAIN_CF)
    Path("/etc/inetd.conf").write_text(INETD_CONF)
    quiet("useradd", "-m", "joe")
    subprocess.run(["chpasswd"], input=f"joe:{PASSWORD}\n", text=True, check=True)
    Path("~joe/.procmailrc").expanduser().write_text(PROCMAILRC)
    quiet("postfix", "start")
    quiet("inetd")
    wait_for_imap()
    session = login()
    session.create("moved")
    session.logout()


def wait_for_imap() -> None:
    """Until it answers, ten seconds at most."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), imaplib.IMAP4("127.0.0.1", timeout=5):
            return
        time.sleep(0.05)


def quiet(*command: str) -> int:
    """Run a command; what it starts must not hold our output open."""
    null = subprocess.DEVNULL
    return subprocess.run(command, stdin=null, stdout=null, stderr=null, check=False).returncode


def deliver(world: World, seconds: float) -> None:
    """So many messages a second; what sendmail(1) has taken counts as sent."""
    start = time.monotonic()
    number = 0
    while (now := time.monotonic() - start) < seconds:
        number += 1
        token = f"m{number}x"
        body = f"{token} line\n" * LINES
        text = f"From: ann@alpha.test\nSubject: {token}\n\n{body}end {token}\n"
        done = subprocess.run(
            ["sendmail", "-f", "ann@alpha.test", "joe@alpha.test"],
            input=text,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode == 0:
            world.sent.append(token)
        time.sleep(max(0.0, number / PER_SECOND - now))


def run(world: World, actor: str) -> None:
    """One actor, again and again; being sent away is no mistake."""
    dice = random.Random(actor)
    while not world.over.is_set():
        with contextlib.suppress(*COMPLAINTS):
            ACTORS[actor](world, dice)
            world.acts(actor)
        time.sleep(dice.uniform(0.05, 0.3))


def login() -> imaplib.IMAP4:
    session = imaplib.IMAP4("127.0.0.1", timeout=60)
    session.login("joe", PASSWORD)
    return session


def pop3_deletes(world: World, dice: random.Random) -> None:
    """The oldest few go; RFC 1939 6: only QUIT makes it so."""
    session = poplib.POP3("127.0.0.1", timeout=60)
    try:
        session.user("joe")
        session.pass_(PASSWORD)
        count = min(session.stat()[0], dice.randrange(1, 4))
        texts = [b"\n".join(session.retr(number)[1]) for number in range(1, count + 1)]
        for number in range(1, count + 1):
            session.dele(number)
        session.quit()
    finally:
        session.close()
    for text in texts:
        world.take("pop3", text)


def imap_marks(world: World, dice: random.Random) -> None:
    """Flags come and go, and with them the lines of the file."""
    session = login()
    try:
        count = int(session.select()[1][0] or 0)
        for _ in range(5):
            if count:
                number = str(dice.randrange(1, count + 1))
                change = dice.choice(["+FLAGS", "-FLAGS"])
                session.store(number, change, dice.choice(["\\Seen", "\\Flagged", "(Work)"]))
            session.noop()
        session.close()
    finally:
        session.logout()


def imap_moves(world: World, dice: random.Random) -> None:
    """COPY, mark, EXPUNGE: what the copy says was copied must not be lost."""
    session = login()
    try:
        count = int(session.select()[1][0] or 0)
        if count < 2:
            return
        number = str(dice.randrange(1, count + 1))
        _, data = session.fetch(number, "(UID BODY.PEEK[])")
        uid = re.search(rb"UID (\d+)", data[0][0])
        if uid is None or session.uid("COPY", uid[1].decode(), "moved")[0] != "OK":
            return
        session.uid("STORE", uid[1].decode(), "+FLAGS", "\\Deleted")
        session.expunge()
    finally:
        session.logout()


ACTORS = {"pop3": pop3_deletes, "marks": imap_marks, "moves": imap_moves}


def token_of(text: bytes) -> str:
    match = re.search(rb"^Subject: (\S+)", text, re.MULTILINE)
    return match[1].decode() if match else "?"


def is_whole(text: bytes) -> bool:
    token = token_of(text).encode()
    lines = [line.rstrip(b"\r") for line in text.rstrip().split(b"\n")]
    return lines.count(token + b" line") == LINES and lines[-1] == b"end " + token


def drain() -> bool:
    """Whether the queue is empty in the end."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        listing = subprocess.run(
            ["postqueue", "-p"], capture_output=True, check=False, timeout=20
        )
        if b"queue is empty" in listing.stdout:
            return True
        time.sleep(0.3)
    return False


def contents(folder: str) -> list[bytes]:
    """The messages of a folder, read over IMAP."""
    session = login()
    try:
        count = int(session.select(folder, readonly=True)[1][0] or 0)
        if not count:
            return []
        _, data = session.fetch(f"1:{count}", "BODY.PEEK[]")
        return [item[1] for item in data if isinstance(item, tuple)]
    finally:
        session.logout()


def count(world: World) -> dict[str, object]:
    """Where everything is now."""
    places: dict[str, list[str]] = {}
    for folder in ("INBOX", "filed", "moved"):
        for text in contents(folder):
            places.setdefault(token_of(text), []).append(folder)
            if not is_whole(text):
                world.torn.append(text.decode("latin-1")[:300])
    for token, actors in world.taken.items():
        places.setdefault(token, []).extend(actors)
    return {
        "sent": len(world.sent),
        "taken": len(world.taken),
        "missing": [token for token in world.sent if token not in places],
        # A move that was interrupted after COPY leaves two: RFC 3501 has no MOVE.
        "doubled": {
            token: where
            for token, where in places.items()
            if len(where) > 1 and "moved" not in where
        },
        "strange": [token for token in places if token not in world.sent],
        "torn": world.torn,
    }


main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 15)
