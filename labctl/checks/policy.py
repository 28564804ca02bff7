"""Checks of what must not happen: relaying for strangers, unknown users, mail that stays."""

from __future__ import annotations

from labctl.checks.failure import CheckFailed
from labctl.checks.nodes import Nodes
from labctl.compiler.expected import KeepsNoMail, RefuseRelay, RefuseUnknownUser

MX_PORT = 25


def check_refuse_relay(expected: RefuseRelay, nodes: Nodes) -> None:
    """Nobody's mail server: RCPT TO is refused with "Relay access denied"."""
    reply = _reply_to_rcpt(expected, nodes)
    if reply[:1] not in "45" or "Relay access denied" not in reply:
        raise CheckFailed(
            expected=f"{expected.server} refuses {expected.recipient}: Relay access denied",
            got=reply,
            evidence=f"from {expected.node}, MAIL FROM:<{expected.sender}>",
            cause="an open relay: mynetworks is too wide, or the relay restrictions are gone",
            next_command=_settings(
                expected.server, nodes, "mynetworks smtpd_relay_restrictions"
            ),
        )


def check_refuse_unknown_user(expected: RefuseUnknownUser, nodes: Nodes) -> None:
    """Said during the session, so that no bounce goes to a forged sender."""
    reply = _reply_to_rcpt(expected, nodes)
    if not reply.startswith("550 5.1.1"):
        raise CheckFailed(
            expected=f"{expected.server} refuses {expected.recipient} with 550 5.1.1",
            got=reply,
            evidence=f"from {expected.node}, MAIL FROM:<{expected.sender}>",
            cause="the server does not know its recipients, or a catch-all takes everything",
            next_command=_settings(
                expected.server, nodes, "local_recipient_maps relay_recipient_maps"
            ),
        )


def check_keeps_no_mail(expected: KeepsNoMail, nodes: Nodes) -> None:
    """A null client hands everything on: no mailbox, nothing in its queue."""
    host = nodes.host(expected.node)
    kept = host.run("find %s -type f -size +0", expected.mail_directory).stdout.split()
    queued = [
        entry["queue_id"]
        for entry in nodes.ask(expected.node, "queue").get("entries", [])
        if entry["queue_name"] != "active"
    ]
    if kept or queued:
        raise CheckFailed(
            expected=f"{expected.node} keeps no mail",
            got=", ".join(kept + [f"queue file {one}" for one in queued]),
            cause="mydestination is not empty, or the relay host does not answer",
            next_command=f"labctl exec {expected.node} -- postconf mydestination relayhost",
        )


def _reply_to_rcpt(expected: RefuseRelay | RefuseUnknownUser, nodes: Nodes) -> str:
    lines = [
        f"EHLO {expected.node}.probe.invalid",
        f"MAIL FROM:<{expected.sender}>",
        f"RCPT TO:<{expected.recipient}>",
        "QUIT",
    ]
    answer = nodes.ask(
        expected.node, "talk", address=expected.address, port=MX_PORT, lines=lines
    )
    if "error" in answer:
        raise CheckFailed(
            expected=f"{expected.server} answers on port 25",
            got=answer["error"],
            evidence=f"from {expected.node}, {expected.address}:25",
            cause="its MTA does not run",
            next_command=f"labctl logs {expected.server}",
        )
    return str(answer["replies"][3])


def _settings(server: str, nodes: Nodes, names: str) -> str:
    by_name = {
        name: node.name for node in nodes.plan.nodes for name in (node.name, node.hostname)
    }
    return f"labctl exec {by_name.get(server, server)} -- postconf {names}"
