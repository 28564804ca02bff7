"""Runs inside a node, with its Python alone: sends mail, waits for it, says what it cost.

`python3 - JOB [ARGUMENT]...` on standard input's text; one line of JSON on standard output.
The load comes from the same machine over 127.0.0.1: no network is needed, and the cost of the
sender is the same for every program that is measured.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import signal
import socket
import subprocess
import sys
import time

SETTINGS = {
    "compatibility_level": "3.6",
    "myhostname": "a.bench.test",
    "mydestination": "bench.test",
    "mynetworks": "127.0.0.0/8",
    "inet_protocols": "ipv4",
    "maillog_file": "/var/log/maillog",
    "smtpd_client_connection_count_limit": "0",
    "transport_maps": "inline:{far.test=relay:[127.0.0.1]:2525}",
    "virtual_mailbox_domains": "virt.test",
    "virtual_mailbox_base": "/var/vmail",
    "virtual_mailbox_maps": "inline:{box@virt.test=box/}",
    "virtual_uid_maps": "static:5000",
    "virtual_gid_maps": "static:5000",
    "mailbox_size_limit": "0",
    "virtual_mailbox_limit": "0",
}
RECIPIENT = {"local": "box@bench.test", "virtual": "box@virt.test", "relay": "x@far.test"}
DAEMONS = ("master", "smtpd", "cleanup", "trivial-rewrite", "qmgr", "local", "virtual", "smtp")
HELPERS = ("postlogd", "proxymap", "scache", "bounce", "anvil", "pickup")
POSTLOG = "postlog   unix-dgram n  -       n       -       1       postlogd\n"
PATIENCE = 120.0


def prepare(**more):
    """The same configuration for everybody; nothing runs afterwards."""
    run("postfix", "stop", check=False)
    if subprocess.run(["id", "box"], capture_output=True, check=False).returncode:
        run("useradd", "-m", "box")
    with open("/etc/postfix/master.cf", "a+") as table:
        table.seek(0)
        if "postlogd" not in table.read():
            table.write(POSTLOG)
    run("postconf", "-e", *(f"{name}={value}" for name, value in {**SETTINGS, **more}.items()))
    # The jail of Debian's master.cf is filled by an init script, which does not run here.
    run("postconf", "-F", "*/*/chroot = n")
    run("newaliases")
    run("rm", "-rf", "/var/mail/box", "/var/vmail")
    os.makedirs("/var/vmail")
    os.chown("/var/vmail", 5000, 5000)


def run(*command, check=True):
    subprocess.run(
        command, check=check, stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )


def start():
    """From the command to the first greeting, in seconds."""
    began = time.monotonic()
    command = subprocess.Popen(
        ["postfix", "start"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while time.monotonic() < began + 30:
        try:
            with socket.create_connection(("127.0.0.1", 25), 2) as client:
                if client.recv(100).startswith(b"220"):
                    seconds = time.monotonic() - began
                    command.wait(30)
                    return seconds
        except OSError:
            time.sleep(0.002)
    raise SystemExit("nobody greets on port 25")


def send(recipient, count, size):
    """One message a session, as strangers do it."""
    line = b"x" * 70 + b"\r\n"
    text = b"Subject: load\r\n\r\n" + line * (size // len(line)) + b".\r\n"
    words = (b"HELO b", b"MAIL FROM:<a@bench.test>", f"RCPT TO:<{recipient}>".encode(), b"DATA")
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", 25), 60) as client:
            expect(client, b"220")
            for word in words:
                client.sendall(word + b"\r\n")
                expect(client, b"354" if word == b"DATA" else b"250")
            client.sendall(text)
            expect(client, b"250")
            client.sendall(b"QUIT\r\n")
            client.recv(200)


def expect(client, code):
    reply = client.recv(2000)
    if not reply.startswith(code):
        raise SystemExit(f"wanted {code!r}, got {reply!r}")


def sink(listener, done):
    """A server of another site: takes everything, and tells of each message."""
    while True:
        client = listener.accept()[0]
        with client, client.makefile("rb") as lines:
            client.sendall(b"220 sink ESMTP\r\n")
            in_data = False
            for line in lines:
                if in_data:
                    if line == b".\r\n":
                        in_data = False
                        os.write(done, b".")
                        client.sendall(b"250 taken\r\n")
                    continue
                verb = line[:4].upper()
                in_data = verb == b"DATA"
                client.sendall(REPLIES.get(verb, b"250 fine\r\n"))
                if verb == b"QUIT":
                    break


REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go\r\n",
    b"QUIT": b"221 bye\r\n",
}


def forked(function, *arguments):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            function(*arguments)
            status = 0
        finally:
            os._exit(status)
    return pid


class Mailboxes:
    """How many messages have arrived, of each kind."""

    def __init__(self, kind):
        self.kind, self.seen, self.position, self.sinks = kind, 0, 0, []
        if kind == "relay":
            self.reader, writer = os.pipe()
            os.set_blocking(self.reader, False)
            with socket.create_server(("127.0.0.1", 2525), backlog=200) as listener:
                self.sinks = [forked(sink, listener, writer) for _ in range(20)]

    def count(self):
        return getattr(self, f"_{self.kind}")()

    def close(self):
        for pid in self.sinks:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _local(self):
        try:
            with open("/var/mail/box", "rb") as mailbox:
                mailbox.seek(self.position)
                data = mailbox.read()
        except FileNotFoundError:
            return 0
        self.position += len(data)
        self.seen += data.count(b"\nSubject: load\n")
        return self.seen

    def _virtual(self):
        try:
            return len(os.listdir("/var/vmail/box/new"))
        except FileNotFoundError:
            return 0

    def _relay(self):
        with contextlib.suppress(BlockingIOError):
            self.seen += len(os.read(self.reader, 65536))
        return self.seen


def deliver(mailboxes, kind, concurrency, count, size):
    """Seconds until everything has arrived."""
    before = mailboxes.count()
    began = time.monotonic()
    share, rest = divmod(count, concurrency)
    senders = [
        forked(send, RECIPIENT[kind], share + (index < rest), size)
        for index in range(concurrency)
    ]
    while (arrived := mailboxes.count() - before) < count:
        if time.monotonic() > began + PATIENCE:
            raise SystemExit(f"only {arrived} of {count} messages arrived")
        time.sleep(0.02 if kind == "virtual" else 0.005)
    seconds = time.monotonic() - began
    if any(os.waitpid(pid, 0)[1] for pid in senders):
        raise SystemExit("a sender failed")
    return seconds


def throughput(kind, concurrency, count, size):
    prepare()
    start()
    mailboxes = Mailboxes(kind)
    try:
        return count / deliver(mailboxes, kind, concurrency, count, size)
    finally:
        mailboxes.close()


def cost(kind, concurrency, count, size):
    """Milliseconds of CPU a message, by daemon; no process ends, so that all can be asked."""
    prepare(max_use="100000")
    start()
    mailboxes = Mailboxes(kind)
    try:
        deliver(mailboxes, kind, concurrency, 3 * concurrency, size)  # everything is warm now
        before = cpu()
        deliver(mailboxes, kind, concurrency, count, size)
    finally:
        mailboxes.close()
    return {name: (used - before.get(name, 0.0)) / count for name, used in cpu().items()}


def cpu():
    """Milliseconds of CPU that each program has used; schedstat counts nanoseconds."""
    used = {}
    for path in glob.glob("/proc/[0-9]*/schedstat"):
        try:
            with open(path) as stat, open(os.path.dirname(path) + "/comm") as comm:
                name, spent = comm.read().strip(), int(stat.read().split()[0]) / 1e6
        except OSError:
            continue
        if name in (*DAEMONS, *HELPERS):
            used[name] = used.get(name, 0.0) + spent
    return used


def latency(count):
    """Milliseconds from the connection to the line in the mailbox, one after the other."""
    prepare()
    start()
    mailboxes = Mailboxes("local")
    deliver(mailboxes, "local", 1, 2, 70)
    return [1000 * deliver_quickly(mailboxes) for _ in range(count)]


def deliver_quickly(mailboxes):
    before, began = mailboxes.count(), time.monotonic()
    send(RECIPIENT["local"], 1, 70)
    while mailboxes.count() == before:
        time.sleep(0.0005)
    return time.monotonic() - began


def memory():
    """MB of PSS, of all processes together: idle, and after three messages."""
    prepare()
    start()
    time.sleep(1)
    idle = pss()
    deliver(Mailboxes("local"), "local", 1, 3, 70)
    return [idle, pss()]


def pss():
    total = 0
    for path in glob.glob("/proc/[0-9]*/smaps_rollup"):
        try:
            with open(os.path.dirname(path) + "/comm") as comm, open(path) as rollup:
                name, lines = comm.read().strip(), rollup.read().splitlines()
        except OSError:
            continue
        if name in (*DAEMONS, *HELPERS):
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def starts(count):
    """Seconds from `postfix start` to the first greeting."""
    prepare()
    seconds = []
    for _ in range(count):
        run("postfix", "stop", check=False)
        seconds.append(start())
    return seconds


def commands(count):
    """Milliseconds of whole commands."""
    prepare()
    with open("/tmp/table", "w") as table:
        table.write("a@bench.test b@bench.test\n")
    todo = {
        "postmap": ["postmap", "hash:/tmp/table"],
        "postconf": ["postconf", "mydestination"],
        "sendmail": ["sendmail", "-bp"],
    }
    start()
    return {name: [timed(words) for _ in range(count)] for name, words in todo.items()}


def timed(words):
    began = time.monotonic()
    run(*words, check=False)
    return 1000 * (time.monotonic() - began)


JOBS = {
    "throughput": throughput,
    "cost": cost,
    "latency": latency,
    "memory": memory,
    "starts": starts,
    "commands": commands,
}

if __name__ == "__main__":
    values = [int(word) if word.isdigit() else word for word in sys.argv[2:]]
    try:
        print(json.dumps(JOBS[sys.argv[1]](*values)))
    finally:
        run("postfix", "stop", check=False)
