"""The eyes and hands of the checks inside a node: one process, asked over its standard input.

This text is sent to the node's Python and imports the standard library only, so that it works
on a node of ours and on one with the genuine programs.  A request is one JSON line with "op";
the answer is one JSON line.  An operation that fails answers with "error".

    run      a command of the shell           dns      one question to one name server
    talk     lines to a port, its replies     submit   a message to sendmail(1)
    login    POP3 or IMAP                     fetch    the newest messages, POP3 or IMAP
    mailbox  the same, on disk                queue    what postqueue(1) -j lists
    log      lines of maillog about a token   read     the text of a file
    page     what a web server gives
"""

from __future__ import annotations

import contextlib
import glob
import grp
import imaplib
import json
import os
import poplib
import pwd
import random
import re
import smtplib
import socket
import struct
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing would cost more than the rest of the agent
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16}
NAMES = {number: name for name, number in TYPES.items()}
PROBE = re.compile(r"(?m)^X-Labctl-Token: (\S+)$")
FETCHED_AT_ONCE = 20
TIMEOUT = 20.0  # UW-IMAP pauses for three seconds, and machines can be busy
POLL = 0.02


def run(command: str, stdin: str = "", timeout: float = 60.0) -> dict[str, Any]:
    """Run one command and answer with its outcome."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input=stdin.encode(),
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    return {"code": done.returncode, "out": out, "err": err}


def read(path: str) -> dict[str, Any]:
    """Give the text of a file; a missing one is empty."""
    return {"text": _read(path)}


def dns(server: str, name: str, type: str, tcp: bool = False) -> dict[str, Any]:
    """Ask a name server one question."""
    question = b"".join(
        bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label
    )
    ident = random.randrange(65536)
    query = struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0)
    query += question + b"\0" + struct.pack("!2H", TYPES[type], 1)
    reply = _ask_tcp(server, query) if tcp else _ask_udp(server, query)
    if struct.unpack_from("!H", reply)[0] != ident:
        raise ValueError("the answer belongs to another question")
    return _dns_answer(reply)


def _ask_udp(server: str, query: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(2.0)
        channel.connect((server, 53))
        channel.send(query)
        return channel.recv(65535)


def _ask_tcp(server: str, query: bytes) -> bytes:
    with socket.create_connection((server, 53), 2.0) as channel:
        channel.sendall(struct.pack("!H", len(query)) + query)
        stream = channel.makefile("rb")
        return stream.read(struct.unpack("!H", stream.read(2))[0])


def _dns_answer(reply: bytes) -> dict[str, Any]:
    _, flags, questions, *counts = struct.unpack_from("!6H", reply)
    offset = 12
    for _ in range(questions):
        offset = _name(reply, offset)[1] + 4
    sections = []
    for count in counts:
        records = []
        for _ in range(count):
            record, offset = _record(reply, offset)
            records.append(record)
        sections.append(records)
    return {
        "rcode": flags & 15,
        "authoritative": bool(flags & 0x0400),
        "truncated": bool(flags & 0x0200),
        "answer": sections[0],
        "authority": sections[1],
        "additional": sections[2],
    }


def _record(reply: bytes, offset: int) -> tuple[dict[str, Any], int]:
    name, offset = _name(reply, offset)
    kind, _, ttl, length = struct.unpack_from("!2HIH", reply, offset)
    start, end = offset + 10, offset + 10 + length
    data = reply[start:end].hex()
    if kind == TYPES["A"]:
        data = socket.inet_ntoa(reply[start:end])
    elif kind == TYPES["MX"]:
        preference = struct.unpack_from("!H", reply, start)[0]
        data = f"{preference} {_name(reply, start + 2)[0]}"
    elif kind in (TYPES["PTR"], TYPES["CNAME"], TYPES["NS"], TYPES["SOA"]):
        data = _name(reply, start)[0]
    return {"name": name, "type": NAMES.get(kind, str(kind)), "ttl": ttl, "data": data}, end


def _name(reply: bytes, offset: int) -> tuple[str, int]:
    labels: list[str] = []
    end = None
    while True:
        length = reply[offset]
        if length & 0xC0 == 0xC0:
            end = offset + 2 if end is None else end
            offset = struct.unpack_from("!H", reply, offset)[0] & 0x3FFF
        elif length == 0:
            return ".".join(labels), offset + 1 if end is None else end
        else:
            labels.append(reply[offset + 1 : offset + 1 + length].decode("ascii", "replace"))
            offset += 1 + length


def talk(address: str, port: int, lines: list[str], timeout: float = TIMEOUT) -> dict[str, Any]:
    """Read the greeting, then send each line and read its reply (with its continuations)."""
    replies = []
    with socket.create_connection((address, port), timeout) as channel:
        stream = channel.makefile("rb")
        replies.append(_reply(stream))
        for line in lines:
            channel.sendall(line.encode() + b"\r\n")
            replies.append(_reply(stream))
    return {"replies": replies}


def _reply(stream: BinaryIO) -> str:
    lines = []
    while True:
        line = stream.readline().decode("utf-8", "replace").rstrip("\r\n")
        lines.append(line)
        if line[3:4] != "-":
            return "\n".join(lines)


def submit(sender: str, recipient: str, message: str, server: str = "") -> dict[str, Any]:
    """Give a message to sendmail(1), or to the SMTP server at an address."""
    if server:
        try:
            with smtplib.SMTP(server, 25, timeout=TIMEOUT) as client:
                client.sendmail(sender, [recipient], message.encode())
        except smtplib.SMTPException as error:
            return _refusal(error)
        return {}
    done = subprocess.run(
        ["/usr/sbin/sendmail", "-i", "-f", sender or "<>", recipient],
        input=message.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=30,
        check=False,
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip()
        return {"error": f"sendmail ended with status {done.returncode}: {said}"}
    return {}


def _refusal(error: smtplib.SMTPException) -> dict[str, Any]:
    """Say how and, by its class, at which stage a message was refused."""
    code, said = getattr(error, "smtp_code", 0), getattr(error, "smtp_error", b"")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    reply = f"{code} {said.decode('utf-8', 'replace')}" if code else str(error)
    return {"error": reply, "reply": reply, "stage": type(error).__name__}


def page(url: str) -> dict[str, Any]:
    """Give what a browser would show."""
    import urllib.request  # slow, and hardly ever asked for

    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
        return {"text": answer.read().decode("utf-8", "replace")}


def login(protocol: str, address: str, port: int, user: str, password: str) -> dict[str, Any]:
    """Log in; say what the server answered, and whether it let us in."""
    try:
        with _session(protocol, address, port, user, password):
            return {"ok": True, "said": "logged in"}
    except (poplib.error_proto, imaplib.IMAP4.error) as error:
        return {"ok": False, "said": _text(error)}


def fetch(
    protocol: str, address: str, port: int, user: str, password: str, token: str
) -> dict[str, Any]:
    """Read back from the newest message to the one with ``token``; name the probes seen."""
    seen: list[str] = []
    with _session(protocol, address, port, user, password) as client:
        for message in FETCH[protocol](client):
            seen += PROBE.findall(message.partition("\n\n")[0])
            if token in seen:
                break
    return {"tokens": seen}


@contextlib.contextmanager
def _session(protocol: str, address: str, port: int, user: str, password: str) -> Iterator[Any]:
    if protocol == "pop3":
        pop = poplib.POP3(address, port, timeout=TIMEOUT)
        try:
            pop.user(user)
            pop.pass_(password)
            yield pop
        finally:
            pop.quit()
    else:
        imap = imaplib.IMAP4(address, port, timeout=TIMEOUT)
        try:
            imap.login(user, password)
            yield imap
        finally:
            imap.logout()


def _pop3_messages(client: poplib.POP3) -> Iterator[str]:
    for number in range(client.stat()[0], 0, -1):
        yield b"\n".join(client.retr(number)[1]).decode("utf-8", "replace")


def _imap_messages(client: imaplib.IMAP4) -> Iterator[str]:
    last = int(client.select("INBOX", readonly=True)[1][0] or 0)
    while last > 0:
        first = max(1, last - FETCHED_AT_ONCE + 1)
        _, data = client.fetch(f"{first}:{last}", "(BODY.PEEK[])")
        for part in reversed(data):
            if isinstance(part, tuple):
                yield part[1].decode("utf-8", "replace").replace("\r\n", "\n")
        last = first - 1


def mailbox(path: str, format: str, token: str, wait: float = 0.0) -> dict[str, Any]:
    """Find messages with a token on disk; wait up to ``wait`` seconds for the first one."""
    until = time.monotonic() + wait
    while True:
        found = MAILBOXES[format](path, token)
        if found or time.monotonic() >= until:
            return {"messages": found}
        time.sleep(POLL)


def _mbox(path: str, token: str) -> list[dict[str, Any]]:
    text = _read(path)
    if token not in text:
        return []
    messages = re.split(r"(?m)^(?=From [^\n]*\d\d:\d\d:\d\d \d{4}$)", text)
    return [_found(path, one) for one in messages if token in one]


def _maildir(path: str, token: str) -> list[dict[str, Any]]:
    found = []
    for name in glob.glob(path + "/new/*") + glob.glob(path + "/cur/*"):
        text = _read(name)
        if token in text:
            found.append(_found(name, text))
    return found


def _found(path: str, text: str) -> dict[str, Any]:
    status = os.stat(path)
    return {
        "path": path,
        "text": text,
        "owner": _owner(status.st_uid, pwd.getpwuid),
        "group": _owner(status.st_gid, grp.getgrgid),
        "uid": status.st_uid,
        "gid": status.st_gid,
        "mode": f"{status.st_mode & 0o7777:04o}",
        "one_user": _one_user(),
    }


def _one_user() -> bool:
    """Whether all accounts of this node are the same user outside (user_namespaces(7))."""
    ranges = [line.split() for line in _read("/proc/self/uid_map").splitlines()]
    return [size for _, _, size in ranges] == ["1"]


def _owner(number: int, lookup: Callable[[int], Any]) -> str:
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError):
        return ""


def queue(wait_for: str = "", wait: float = 0.0) -> dict[str, Any]:
    """List the queue; wait up to ``wait`` seconds until a deferred recipient is in it."""
    until = time.monotonic() + wait
    while True:
        done = run("postqueue -j")
        entries = [json.loads(line) for line in done["out"].splitlines()]
        waiting = [
            one
            for entry in entries
            for one in entry["recipients"]
            if one["address"] == wait_for and one.get("delay_reason")
        ]
        if not wait_for or waiting or time.monotonic() >= until:
            return {"entries": entries, "waiting": waiting}
        time.sleep(POLL)


def log(token: str, path: str = "/var/log/maillog") -> dict[str, Any]:
    """Give the lines of the log about the messages whose Message-ID holds ``token``."""
    lines = _read(path).splitlines()
    named = [line for line in lines if token in line]
    ids = {match[1] for line in named if (match := re.search(r"\]: (\w+): message-id=", line))}
    about = re.compile(rf"\]: ({'|'.join(map(re.escape, ids))}): ") if ids else None
    return {
        "lines": [line for line in lines if token in line or (about and about.search(line))]
    }


def _text(error: BaseException) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


FETCH: dict[str, Callable[[Any], Iterator[str]]] = {
    "pop3": _pop3_messages,
    "imap": _imap_messages,
}
MAILBOXES: dict[str, Callable[[str, str], list[dict[str, Any]]]] = {
    "mbox": _mbox,
    "maildir": _maildir,
}
OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "run": run,
    "read": read,
    "dns": dns,
    "talk": talk,
    "submit": submit,
    "login": login,
    "fetch": fetch,
    "mailbox": mailbox,
    "queue": queue,
    "log": log,
    "page": page,
}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request; what goes wrong is an answer too, never a dead agent."""
    try:
        return OPERATIONS[request.pop("op")](**request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {_text(error) or error}"}


def main() -> None:
    """Answer requests, a line of JSON each, until standard input ends."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
