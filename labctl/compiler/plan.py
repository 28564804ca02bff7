"""What must exist when a lab runs: the value between the compiler and everything after it.

INPUT AND OUTPUT
    The compiler makes a ``Plan``; engines build it, checks read its expectations.
    ``to_json()`` and ``from_json()`` are exact inverses, and the same topology always
    gives the same bytes: a plan can be kept, compared and held against a golden file.

NAMES
    Nodes, networks, services and accounts refer to each other by name only. Every
    address is literal; the first one of a network (.1) is never given to a node,
    because Docker gives it to the bridge.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Any, Final

from labctl.compiler.codec import decode, encode
from labctl.compiler.expected import KINDS, Expectation

PLAN_VERSION: Final = 1


class Action(enum.StrEnum):
    """What init does with a service."""

    WAIT = "wait"  # run to its end before the next one starts; run again when its file changes
    RESPAWN = "respawn"  # keep it running; SIGHUP when its file changes


@dataclass(frozen=True, slots=True)
class Network:
    """A subnet; it has no way out."""

    name: str
    subnet: str  # "198.18.0.0/24"


@dataclass(frozen=True, slots=True)
class Interface:
    """The place of a node in one network."""

    network: str
    address: str
    prefix: int


@dataclass(frozen=True, slots=True)
class File:
    """A whole file; ``reload`` is the service (or "init") that has to hear of a change."""

    path: str
    content: str
    owner: str = "root"
    group: str = "root"
    mode: str = "0644"
    reload: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that exists before the first file is written."""

    path: str
    owner: str = "root"
    group: str = "root"
    mode: str = "0755"


@dataclass(frozen=True, slots=True)
class Probe:
    """A protocol answer that means: this service is ready."""

    kind: str  # "smtp", "pop3", "imap", "dns", "tcp" or "unix"
    address: str  # of the node itself, or the path of a socket for "unix"
    port: int = 0
    expect: str = ""  # dns: the zone that must be served

    def __str__(self) -> str:
        where = self.address if self.kind == "unix" else f"{self.address}:{self.port}"
        return f"{self.kind}={where}" + (f"/{self.expect}" if self.expect else "")


@dataclass(frozen=True, slots=True)
class Service:
    """One line of /etc/inittab; the order of a node's services is their order of start."""

    name: str
    command: str
    action: str = Action.RESPAWN.value
    ready: tuple[Probe, ...] = ()

    def __str__(self) -> str:
        probes = ",".join(map(str, self.ready))
        return f"{self.name}:{self.action}:{probes}:{self.command}"


@dataclass(frozen=True, slots=True)
class Node:
    """One machine, with everything that is on it."""

    name: str
    hostname: str
    role: str
    image: str
    interfaces: tuple[Interface, ...]
    files: tuple[File, ...] = ()
    directories: tuple[Directory, ...] = ()
    services: tuple[Service, ...] = ()
    mailbox_mode: str = "uw"  # or "shared"

    @property
    def address(self) -> str:
        """The address that its host name has in the DNS."""
        return self.interfaces[0].address


@dataclass(frozen=True, slots=True)
class Plan:
    """What must exist, and what must then be true."""

    lab: str
    networks: tuple[Network, ...]
    nodes: tuple[Node, ...]
    expectations: tuple[Expectation, ...] = ()
    version: int = PLAN_VERSION
    source: str = ""  # a stamp of what it was compiled from

    def node(self, name: str) -> Node:
        """Give the node called ``name``; KeyError when the plan has none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


def to_json(plan: Plan) -> str:
    """Write a plan as JSON text, for people, files and golden tests."""
    data = {
        "version": plan.version,
        "lab": plan.lab,
        **({"source": plan.source} if plan.source else {}),
        "networks": encode(plan.networks),
        "nodes": encode(plan.nodes),
        "expectations": [
            {"kind": one.kind, "layer": one.layer.value, **encode(one)}
            for one in plan.expectations
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Plan:
    """Read what ``to_json()`` wrote."""
    data: dict[str, Any] = json.loads(text)
    return Plan(
        lab=data["lab"],
        networks=tuple(decode(Network, one) for one in data["networks"]),
        nodes=tuple(decode(Node, one) for one in data["nodes"]),
        expectations=tuple(decode(KINDS[one["kind"]], one) for one in data["expectations"]),
        version=data["version"],
        source=data.get("source", ""),
    )
