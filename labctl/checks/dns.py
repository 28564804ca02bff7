"""Checks of the DNS, asked from every node of the server that its resolv.conf names."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from labctl.checks.failure import CheckFailed
from labctl.checks.nodes import Nodes
from labctl.compiler.expected import HostAddress, Mx, NxDomain, Ptr, Zone

NXDOMAIN = 3
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}

Answer = dict[str, Any]


def check_zone(expected: Zone, nodes: Nodes) -> None:
    """An authoritative SOA, over UDP and over TCP (RFC 1035 4.2; RFC 7766)."""
    for node in expected.nodes:
        for tcp in (False, True):
            answer = _ask(nodes, node, expected.server, expected.zone, "SOA", tcp=tcp)
            if not (answer["authoritative"] and _data(answer, "SOA")):
                over = "TCP" if tcp else "UDP"
                raise _failed(
                    nodes,
                    node,
                    f"an authoritative SOA of {expected.zone} over {over}",
                    answer,
                    (expected.zone, "SOA"),
                    "the zone is not in named.conf, or its file has an error",
                )


def check_mx(expected: Mx, nodes: Nodes) -> None:
    """The whole MX list, in order, and an address for each exchanger."""
    wanted = [f"{one.preference} {one.host}" for one in expected.exchangers]
    for node in expected.nodes:
        answer = _resolve(nodes, node, expected.domain, "MX")
        found = sorted(_data(answer, "MX"), key=_preference)
        if found != sorted(wanted, key=_preference):
            raise _failed(
                nodes,
                node,
                f"MX of {expected.domain}: {', '.join(wanted)}",
                answer,
                (expected.domain, "MX"),
                "the MX records of the zone were changed, or the zone was not reloaded",
            )
        for one in expected.exchangers:
            _same(nodes, node, (one.host, "A"), [one.address])


def check_address(expected: HostAddress, nodes: Nodes) -> None:
    """Exactly these addresses."""
    for node in expected.nodes:
        _same(nodes, node, (expected.host, "A"), list(expected.addresses))


def check_ptr(expected: Ptr, nodes: Nodes) -> None:
    """The way back from an address to the name."""
    name = ipaddress.ip_address(expected.address).reverse_pointer
    for node in expected.nodes:
        _same(nodes, node, (name, "PTR"), [expected.host])


def check_nxdomain(expected: NxDomain, nodes: Nodes) -> None:
    """The root is closed: nothing but NXDOMAIN for names of the world outside."""
    for node in expected.nodes:
        answer = _resolve(nodes, node, expected.name, "A")
        if answer["rcode"] != NXDOMAIN:
            raise _failed(
                nodes,
                node,
                f"{expected.name} does not exist (NXDOMAIN)",
                answer,
                (expected.name, "A"),
                "the name server has no closed root zone, or another server was asked",
            )


def _same(nodes: Nodes, node: str, question: tuple[str, str], wanted: list[str]) -> None:
    answer = _resolve(nodes, node, *question)
    if sorted(_data(answer, question[1])) != sorted(wanted):
        expected = f"{question[1]} of {question[0]}: {', '.join(wanted)}"
        cause = "the record was changed, or the zone was not reloaded"
        raise _failed(nodes, node, expected, answer, question, cause)


def _resolve(nodes: Nodes, node: str, name: str, kind: str) -> Answer:
    """Ask as a program of the node would: the first server of resolv.conf."""
    conf = nodes.ask(node, "read", path="/etc/resolv.conf")["text"]
    servers = [line.split()[1] for line in conf.splitlines() if line.startswith("nameserver ")]
    if not servers:
        raise CheckFailed(
            expected=f"{node} knows a name server",
            got="no nameserver line in /etc/resolv.conf",
            evidence=conf.strip(),
            cause="resolv.conf was emptied",
            next_command=f"labctl exec {node} -- cat /etc/resolv.conf",
        )
    return _ask(nodes, node, servers[0], name, kind)


def _ask(
    nodes: Nodes, node: str, server: str, name: str, kind: str, *, tcp: bool = False
) -> Answer:
    answer = nodes.ask(node, "dns", server=server, name=name, type=kind, tcp=tcp)
    if "error" in answer:
        raise CheckFailed(
            expected=f"{server} answers {node} about {name} {kind}",
            got=f"no answer: {answer['error']}",
            cause="named does not run, or the server's address in resolv.conf is wrong",
            next_command=f"labctl exec {node} -- cat /etc/resolv.conf",
        )
    return answer


def _data(answer: Answer, kind: str) -> list[str]:
    return [record["data"] for record in answer["answer"] if record["type"] == kind]


def _preference(record: str) -> tuple[int, str]:
    number, _, host = record.partition(" ")
    return int(number), host


def _failed(
    nodes: Nodes,
    node: str,
    expected: str,
    answer: Answer,
    question: tuple[str, str],
    cause: str,
) -> CheckFailed:
    records: Sequence[str] = [f"{one['type']} {one['data']}" for one in answer["answer"]]
    rcode = RCODES.get(answer["rcode"], str(answer["rcode"]))
    aa = "authoritative" if answer["authoritative"] else "not authoritative"
    servers = [one.name for one in nodes.plan.nodes if one.role == "dns"]
    return CheckFailed(
        expected=expected,
        got=f"{rcode}, {aa}: {', '.join(records) or 'no record'}",
        evidence=f"asked from {node}: {question[0]} {question[1]}",
        cause=cause,
        next_command=f"labctl logs {servers[0]}" if servers else "",
    )
