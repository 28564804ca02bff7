"""Mailboxes as their owners read them, over POP3 and IMAP.

WHY REMEMBERED
    A mailbox that is read for one message shows the others that have come since: the next
    checks find theirs among them, and need not log in again.
"""

from __future__ import annotations

from labctl.checks.nodes import Nodes
from labctl.compiler.expected import Reader


class Inboxes:
    """What has been seen in each mailbox so far, by each way of reading it."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._seen: dict[Reader, list[str]] = {}

    def times(self, token: str, reader: Reader, node: str) -> tuple[int, str]:
        """Say how often a message is there, and what went wrong when ``node`` looked."""
        if token not in self._seen.get(reader, ()):
            answer = self._nodes.ask(
                node,
                "fetch",
                protocol=reader.protocol,
                address=reader.address,
                port=reader.port,
                user=reader.user,
                password=reader.password,
                token=token,
            )
            if "error" in answer:
                return 0, str(answer["error"])
            self._seen[reader] = answer["tokens"]
        return self._seen[reader].count(token), ""
