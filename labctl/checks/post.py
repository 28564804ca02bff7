"""Probe messages: each has a token that no other message ever has.

WHY ALL AT ONCE
    The messages of all checks are given away before the first check waits for one, so that
    they travel side by side; a check then waits for its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Final, NamedTuple

from labctl.checks.nodes import Nodes

TOKEN: Final = "{token}"
BOUNDARY: Final = "labctl-boundary"
# smtplib's exceptions, and the commands that they are about.
REFUSED_AT: Final = {
    "SMTPConnectError": "connect",
    "SMTPHeloError": "helo",
    "SMTPSenderRefused": "mail",
    "SMTPRecipientsRefused": "rcpt",
    "SMTPDataError": "data",
}


class Letter(NamedTuple):
    """What to give away, and where: ``server`` is empty for sendmail(1) on the node."""

    id: str
    node: str
    server: str
    sender: str
    recipient: str
    headers: tuple[str, ...] = ()  # more than those that every letter has, or instead of them
    body: str = ""
    attachment: str = ""


class Posted(NamedTuple):
    """A letter that was given away, or why it was refused: the reply, and to which command."""

    letter: Letter
    token: str
    error: str = ""
    reply: str = ""
    at: str = ""


def post(letter: Letter, nodes: Nodes) -> Posted:
    """Give one letter away."""
    token = f"probe-{secrets.token_hex(8)}"
    answer = nodes.ask(
        letter.node,
        "submit",
        sender=letter.sender,
        recipient=letter.recipient,
        message=compose(letter, token),
        server=letter.server,
    )
    at = REFUSED_AT.get(answer.get("stage", ""), "")
    return Posted(letter, token, answer.get("error", ""), answer.get("reply", ""), at)


def post_all(letters: Sequence[Letter], nodes: Nodes) -> Mapping[str, Posted]:
    """Give all letters away, nodes side by side; give id -> what became of it."""
    by_node = sorted(letters, key=lambda letter: letter.node)
    groups = [list(group) for _, group in groupby(by_node, key=lambda letter: letter.node)]
    if not groups:
        return {}
    with ThreadPoolExecutor(len(groups)) as pool:
        rounds = pool.map(lambda group: [post(letter, nodes) for letter in group], groups)
        return {posted.letter.id: posted for group in rounds for posted in group}


def compose(letter: Letter, token: str) -> str:
    """Write the message; the token is in its Message-ID, so that logs name it."""
    host = letter.sender.rpartition("@")[2] or "labctl.invalid"
    fields = {
        "From": letter.sender or "MAILER-DAEMON",
        "To": letter.recipient,
        "Subject": f"labctl verify {letter.id}",
        "Message-ID": f"<{token}@{host}>",
        "X-Labctl-Token": token,
    }
    for field in letter.headers:
        name, _, value = field.partition(":")
        fields[name] = value.strip()
    text = letter.body or f"This is the check {letter.id}."
    head, body = _attached(text, letter.attachment) if letter.attachment else ("", text)
    header = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{header}{head}\n{body.rstrip()}\n".replace(TOKEN, token)


def _attached(text: str, name: str) -> tuple[str, str]:
    """RFC 2046 5.1: a text, and a file called ``name``; give header fields and body."""
    head = f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{BOUNDARY}"\n'
    parts = (
        f"Content-Type: text/plain\n\n{text}\n",
        f'Content-Type: application/octet-stream; name="{name}"\n'
        f'Content-Disposition: attachment; filename="{name}"\n\nan attachment\n',
    )
    body = "".join(f"--{BOUNDARY}\n{part}" for part in parts)
    return head, f"{body}--{BOUNDARY}--\n"
