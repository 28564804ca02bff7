"""Checks of what runs in a node and answers there: processes, ports, logins."""

from __future__ import annotations

import time
from typing import Final

from labctl.checks.failure import CheckFailed
from labctl.checks.nodes import Nodes
from labctl.compiler.expected import Login, Port, Process

REPLACED: Final = 3.0  # seconds
PROGRAM_OF = {"smtp": "postfix", "pop3": "inetd", "imap": "inetd", "dns": "named"}
FAREWELL = {"smtp": ["QUIT"], "pop3": ["QUIT"], "imap": ["z LOGOUT"]}


def check_process(expected: Process, nodes: Nodes) -> None:
    """A process of this name is there, or comes soon: a reload replaces processes."""
    host = nodes.host(expected.node)
    deadline = time.monotonic() + REPLACED
    while True:
        if host.process.filter(comm=expected.program[:15]):
            return
        if time.monotonic() >= deadline:
            break
    seen = sorted({process.comm for process in host.process.filter(user="root")})
    raise CheckFailed(
        expected=f"{expected.program} runs on {expected.node}",
        got="no such process",
        evidence=f"root's processes: {', '.join(seen)}",
        cause="it was stopped, or it ended by itself",
        next_command=f"labctl logs {expected.node}",
    )


def check_port(expected: Port, nodes: Nodes) -> None:
    """Something answers, and greets as it should."""
    if expected.protocol == "dns":
        return _check_dns_port(expected, nodes)
    lines = FAREWELL.get(expected.protocol, [])
    answer = nodes.ask(
        expected.node, "talk", address=expected.address, port=expected.port, lines=lines
    )
    if "error" not in answer and answer["replies"][0].startswith(expected.banner):
        return None
    program = PROGRAM_OF.get(expected.protocol, "the service")
    raise CheckFailed(
        expected=f"{expected.address}:{expected.port} greets with {expected.banner!r}",
        got=answer.get("error") or repr(answer["replies"][0]),
        evidence=_listeners(expected.node, nodes),
        cause=f"{program} does not run, or is configured not to listen there",
        next_command=f"labctl exec {expected.node} -- ss -ltn",
    )


def check_login(expected: Login, nodes: Nodes) -> None:
    """The password of the topology opens the mailbox."""
    who = {
        "protocol": expected.protocol,
        "address": expected.address,
        "port": expected.port,
        "user": expected.user,
    }
    answer = nodes.ask(expected.node, "login", **who, password=expected.password)
    if not answer.get("ok"):
        raise CheckFailed(
            expected=f"{expected.user} logs in by {expected.protocol} on {expected.node}",
            got=answer.get("error") or answer["said"],
            evidence=_passwd_lines(expected, nodes),
            cause="the account or its password is not the one of the topology",
            next_command=f"labctl exec {expected.node} -- getent passwd {expected.user}",
        )


def _check_dns_port(expected: Port, nodes: Nodes) -> None:
    question = {"server": expected.address, "name": ".", "type": "SOA"}
    answer = nodes.ask(expected.node, "dns", **question)
    if "error" in answer:
        raise CheckFailed(
            expected=f"{expected.address}:53 answers questions",
            got=answer["error"],
            evidence=_listeners(expected.node, nodes),
            cause="named does not run",
            next_command=f"labctl logs {expected.node}",
        )


def _listeners(node: str, nodes: Nodes) -> str:
    sockets = nodes.host(node).run("ss -Hltn | awk '{print $4}' | sort -u").stdout.split()
    return f"listening: {', '.join(sockets) or 'nothing'}"


def _passwd_lines(expected: Login, nodes: Nodes) -> str:
    user = nodes.host(expected.node).user(expected.user)
    if not user.exists:
        return f"/etc/passwd has no {expected.user}"
    return f"/etc/passwd: uid {user.uid}, home {user.home}, shell {user.shell}"
