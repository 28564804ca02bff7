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
from typing import NamedTuple

from labctl.checks.nodes import Nodes


class Letter(NamedTuple):
    """What to give away, and where: ``server`` is empty for sendmail(1) on the node."""

    id: str
    node: str
    server: str
    sender: str
    recipient: str


class Posted(NamedTuple):
    """A letter that was given away, or why it was refused."""

    letter: Letter
    token: str
    error: str


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
    return Posted(letter, token, answer.get("error", ""))


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
    return (
        f"From: {letter.sender}\n"
        f"To: {letter.recipient}\n"
        f"Subject: labctl verify {letter.id}\n"
        f"Message-ID: <{token}@{host}>\n"
        f"X-Labctl-Token: {token}\n"
        "\n"
        f"This is the check {letter.id}.\n"
    )
