"""The backup MX drill: cut the primary off, send, see the mail wait, heal, see it arrive."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Final

from labctl.checks.evidence import Trail, trail
from labctl.checks.failure import CheckFailed
from labctl.checks.flow import arrived_once
from labctl.checks.nodes import Nodes
from labctl.checks.post import Letter, Posted, post
from labctl.compiler.expected import BackupDrill

QUEUED: Final = 30.0  # seconds until the backup has tried the primary and given up
DRAINED: Final = 20.0


def check_backup_mx(expected: BackupDrill, nodes: Nodes) -> None:
    """Mail for a domain whose server is cut off is neither lost nor doubled."""
    letter = Letter(
        expected.id, expected.node, expected.server, expected.sender, expected.recipient
    )
    with _cut_off(expected.primary, nodes):
        posted = post(letter, nodes)
        _waits_on_backup(expected, posted, nodes)
    _flush_until_it_arrives(expected, posted, nodes)


@contextlib.contextmanager
def _cut_off(node: str, nodes: Nodes) -> Iterator[None]:
    nodes.engine.set_link(nodes.plan.lab, node, up=False)
    try:
        yield
    finally:
        nodes.engine.set_link(nodes.plan.lab, node, up=True)


def _waits_on_backup(expected: BackupDrill, posted: Posted, nodes: Nodes) -> None:
    deadline = time.monotonic() + QUEUED
    while True:
        answer = nodes.ask(expected.backup, "queue", wait_for=expected.recipient, wait=1.0)
        seen = trail(posted.token, nodes)
        if answer.get("waiting") or _elsewhere(expected, seen) or time.monotonic() >= deadline:
            break
    if posted.error or not answer.get("waiting"):
        raise CheckFailed(
            expected=f"with {expected.primary} cut off, {expected.backup} keeps the mail",
            got=posted.error or "no such mail in its queue",
            evidence=seen.lines,
            cause=f"{expected.backup} is not a backup for {expected.domain}: {seen.cause}",
            next_command=f"labctl exec {expected.backup} -- postconf relay_domains",
        )


def _elsewhere(expected: BackupDrill, seen: Trail) -> bool:
    """Whether the message was returned, or waits with who could not give it to the backup."""
    waits = seen.status == "deferred" and seen.node != expected.backup
    return waits or seen.status == "bounced"


def _flush_until_it_arrives(expected: BackupDrill, posted: Posted, nodes: Nodes) -> None:
    """Flush again while ARP caches and dead destinations still believe in the cut."""
    deadline = time.monotonic() + DRAINED
    while True:
        nodes.ask(expected.backup, "run", command="postqueue -f")
        try:
            arrived_once(posted, expected.mailbox, nodes, wait=1.0)
        except CheckFailed:
            if time.monotonic() >= deadline:
                raise
        else:
            return
