"""Checks of mail that flows: given away on one node, found and read back on another."""

from __future__ import annotations

import re
from typing import Any, Final

from labctl.checks.evidence import trail
from labctl.checks.failure import CheckFailed
from labctl.checks.inbox import Inboxes
from labctl.checks.nodes import Nodes
from labctl.checks.post import Letter, Posted
from labctl.checks.settled import what_is_left
from labctl.compiler.expected import Flow, Mailbox, Reader

ARRIVAL: Final = 10.0  # seconds
PATIENCE: Final = 1.0  # seconds before the logs are asked whether it can still come
ONE_USER: Final = "who owns the mailbox: all accounts of this lab are one user of this machine"
RECEIVED_BY: Final = re.compile(r"^Received: (?:[^\n]|\n[ \t])*?\bby (\S+)", re.MULTILINE)


def letter_of(expected: Flow) -> Letter:
    """Give the letter that shows whether a flow works."""
    return Letter(
        expected.id, expected.node, expected.server, expected.sender, expected.recipient
    )


def check_flow(expected: Flow, nodes: Nodes, posted: Posted, inboxes: Inboxes) -> str:
    """One message arrives once, the way it should, in a mailbox that only its owner reads.

    Gives what could not be checked in this lab; empty when all was.
    """
    message = arrived_once(posted, expected.mailbox, nodes)
    header = message["text"].partition("\n\n")[0]
    for name, wanted, got in (
        ("the Received chain", list(expected.received), _received(header)),
        (
            "Return-Path",
            [f"<{expected.rewritten or expected.sender}>"],
            _values(header, "Return-Path"),
        ),
        ("Delivered-To", _maybe(expected.delivered_to), _last(header, "Delivered-To")),
    ):
        if wanted and got != wanted:
            raise CheckFailed(
                expected=f"{name}: {' -> '.join(wanted)}",
                got=" -> ".join(got) or "none",
                evidence=f"{expected.mailbox.node}: {message['path']}",
                cause="the message took another path, or an agent is configured otherwise",
                next_command=_look(posted, expected.mailbox.node),
            )
    check_ownership(expected.mailbox, message)
    for reader in expected.readers:
        check_reader(reader, expected, posted, inboxes)
    return ONE_USER if message["one_user"] else ""


def arrived_once(
    posted: Posted, mailbox: Mailbox, nodes: Nodes, *, wait: float = ARRIVAL
) -> dict[str, Any]:
    """Wait for a message on disk; fail when it does not come, or comes twice."""
    letter = posted.letter
    expected = f"{letter.recipient} gets the message that {letter.node} sent, once"
    if posted.error:
        raise CheckFailed(
            expected=expected,
            got=f"{letter.node} could not give it away: {posted.error}",
            cause="the MTA of the sending node refuses or does not run",
            next_command=f"labctl logs {letter.node}",
        )
    found, waited = _look_for(posted.token, mailbox, nodes, wait)
    if len(found) == 1:
        return found[0]
    seen = trail(posted.token, nodes)
    where = f"{mailbox.node}:{mailbox.path}"
    raise CheckFailed(
        expected=expected,
        got=f"{len(found)} messages in {where}"
        if found
        else f"not in {where} after {waited:g} s",
        evidence=seen.lines,
        cause="it was delivered more than once" if found else seen.cause,
        next_command=_look(posted, seen.node or letter.node),
    )


def _look_for(
    token: str, mailbox: Mailbox, nodes: Nodes, wait: float
) -> tuple[list[dict[str, Any]], float]:
    """Wait in steps; when all queues are done with a message, it will not come any more."""
    waited, step = 0.0, min(PATIENCE, wait)
    while True:
        found = in_mailbox(mailbox, token, nodes, wait=step)
        waited += step
        if found or waited >= wait or not step:
            return found, waited
        # Looked at once more: it may have come while the queues were asked.
        step = min(PATIENCE, wait - waited) if what_is_left(token, nodes) else 0.0


def in_mailbox(
    mailbox: Mailbox, token: str, nodes: Nodes, *, wait: float = 0.0
) -> list[dict[str, Any]]:
    """Give the messages of a mailbox that have to do with a token."""
    place = {"path": mailbox.path, "format": mailbox.format}
    answer = nodes.ask(mailbox.node, "mailbox", **place, token=token, wait=wait)
    found: list[dict[str, Any]] = answer.get("messages", [])
    return found


def check_ownership(mailbox: Mailbox, message: dict[str, Any]) -> None:
    """The file belongs to its owner, and to nobody else."""
    wanted = (mailbox.owner, mailbox.group, mailbox.mode)
    owner = message["owner"] if not wanted[0].isdigit() else str(message["uid"])
    group = message["group"] if not wanted[1].isdigit() else str(message["gid"])
    got = (owner, group, message["mode"])
    if message["one_user"]:
        got = (*wanted[:2], message["mode"])
    if got != wanted:
        raise CheckFailed(
            expected=f"{message['path']}: owner {wanted[0]}:{wanted[1]}, mode {wanted[2]}",
            got=f"owner {got[0]}:{got[1]}, mode {got[2]}",
            cause="virtual_uid_maps or virtual_gid_maps changed, or a chown or chmod",
            next_command=f"labctl exec {mailbox.node} -- ls -l {message['path']}",
        )


def check_reader(reader: Reader, expected: Flow, posted: Posted, inboxes: Inboxes) -> None:
    """The owner finds the message over the network as well."""
    times, error = inboxes.times(posted.token, reader, expected.node)
    if times != 1:
        raise CheckFailed(
            expected=f"{reader.user} reads the message by {reader.protocol}",
            got=error or f"{times} messages with its token",
            evidence=f"asked from {expected.node} at {reader.address}:{reader.port}",
            cause="the mailbox is on disk, so look at the server that reads it",
            next_command=f"labctl logs {expected.mailbox.node}",
        )


def _received(header: str) -> list[str]:
    # The newest field is the first one; the path is told from the beginning.
    return list(reversed(RECEIVED_BY.findall(header)))


def _values(header: str, name: str) -> list[str]:
    return re.findall(rf"(?mi)^{name}: *(.*)$", header)


def _last(header: str, name: str) -> list[str]:
    return _values(header, name)[:1]  # each agent puts its own on top


def _maybe(text: str) -> list[str]:
    return [text] if text else []


def _look(posted: Posted, node: str) -> str:
    return f"labctl exec {node} -- grep {posted.token} /var/log/maillog"
