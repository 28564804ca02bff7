"""Programs that run, ports that answer, users who can log in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from labctl.compiler.accounts import users_of
from labctl.compiler.expected import Login, Port, Process, RefuseLogin
from labctl.compiler.lab import Lab
from labctl.compiler.mailstores import PROTOCOLS, protocols_of
from labctl.compiler.mta import has_mta, smtp_address
from labctl.compiler.settings import settings
from labctl.topology.models import NodeSpec
from labctl.topology.words import Role

GREETINGS: Final = {"pop3": "+OK POP3 ", "imap": "* OK "}
# Which program a port of a node depends on.
PROGRAMS: Final = {"smtp": "master", "dns": "named", "pop3": "inetd", "imap": "inetd"}
NAME: Final = re.compile(r"\$\{?([a-z_]+)\}?")


def processes(lab: Lab) -> Iterator[Process]:
    """The programs that never end."""
    for node, spec in lab.topology.nodes.items():
        for program in _programs(spec):
            yield Process(id=f"process.{node}.{program}", node=node, program=program)


def ports(lab: Lab) -> Iterator[Port]:
    """Every service with its greeting."""
    for node, spec in lab.topology.nodes.items():
        if spec.role is Role.DNS:
            yield _port(lab, node, "dns", 53)
        if has_mta(spec.role):
            banner = f"220 {expanded(settings(lab, node), 'smtpd_banner')}"
            yield _port(lab, node, "smtp", 25, smtp_address(lab, node), banner)
        for protocol in protocols_of(spec):
            number = PROTOCOLS[protocol].port
            yield _port(lab, node, protocol, number, banner=GREETINGS[protocol])


def logins(lab: Lab) -> Iterator[Login]:
    """Every user by every protocol."""
    for node, spec in lab.topology.nodes.items():
        for protocol in protocols_of(spec):
            for user in users_of(spec):
                yield Login(
                    id=f"login.{node}.{protocol}.{user.name}",
                    needs=(f"port.{node}.{protocol}",),
                    node=node,
                    address=lab.address(node),
                    port=PROTOCOLS[protocol].port,
                    protocol=protocol,
                    user=user.name,
                    password=user.password,
                )


def wrong_passwords_are_refused(lab: Lab) -> Iterator[RefuseLogin]:
    """One user by every protocol: each failure costs the servers a pause of seconds."""
    for node, spec in lab.topology.nodes.items():
        for protocol in protocols_of(spec):
            for user in users_of(spec)[:1]:
                yield RefuseLogin(
                    id=f"policy.wrong-password.{node}.{protocol}",
                    needs=(f"port.{node}.{protocol}",),
                    node=node,
                    address=lab.address(node),
                    port=PROTOCOLS[protocol].port,
                    protocol=protocol,
                    user=user.name,
                    password=f"not-{user.password}",
                )


def expanded(effective: Mapping[str, str], name: str, depth: int = 5) -> str:
    """A setting with its $names replaced, as far as the node's own settings know them."""
    if depth == 0:
        return effective.get(name, "")
    return NAME.sub(lambda m: expanded(effective, m[1], depth - 1), effective.get(name, ""))


def _programs(spec: NodeSpec) -> Iterator[str]:
    yield "syslogd"
    if spec.role is Role.DNS:
        yield "named"
    if has_mta(spec.role):
        yield from ("master", "qmgr")
    if protocols_of(spec):
        yield "inetd"


def _port(
    lab: Lab, node: str, protocol: str, port: int, address: str = "", banner: str = ""
) -> Port:
    return Port(
        id=f"port.{node}.{protocol}",
        needs=(f"process.{node}.{PROGRAMS[protocol]}",),
        node=node,
        address=address or lab.address(node),
        port=port,
        protocol=protocol,
        banner=banner,
    )
