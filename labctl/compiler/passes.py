"""A topology to a plan: the passes, and their order.

INPUT AND OUTPUT
    ``compile_topology()`` is a function of its arguments: the same topology gives the same
    plan, byte for byte. The surroundings are subnets that are in use on this machine.

ORDER
    Addresses first, because everything names them. Then each part of a node by itself;
    a later part may replace a file of an earlier one, and what the author wrote comes
    last. The expectations are read off the finished lab.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labctl.compiler.accounts import accounts
from labctl.compiler.addressing import NOWHERE, Surroundings, assign
from labctl.compiler.expecting import expectations
from labctl.compiler.identity import identity
from labctl.compiler.lab import Lab, make_lab
from labctl.compiler.mailstores import mailstores
from labctl.compiler.mta import mta
from labctl.compiler.own_files import own_files
from labctl.compiler.part import Part, merge
from labctl.compiler.plan import File, Node, Plan, Probe, Service
from labctl.compiler.zones import name_service
from labctl.topology.models import Topology


def compile_topology(topology: Topology, surroundings: Surroundings = NOWHERE) -> Plan:
    """Work out everything that must exist for a topology."""
    lab = make_lab(topology, assign(topology, surroundings))
    return Plan(
        lab=topology.lab,
        networks=lab.addressing.networks,
        nodes=tuple(_node(lab, name) for name in topology.nodes),
        expectations=expectations(lab),
    )


def _node(lab: Lab, name: str) -> Node:
    spec = lab.spec(name)
    whole = merge(part(lab, name) for part in PARTS)
    inittab = "".join(f"{service}\n" for service in whole.services)
    # Before the rest: what the author wrote wins here too.
    whole = merge((Part(files=(File("/etc/inittab", inittab, reload="init"),)), whole))
    return Node(
        name=name,
        hostname=spec.hostname,
        role=spec.role.value,
        image=spec.image,
        interfaces=lab.addressing.interfaces[name],
        files=whole.files,
        directories=whole.directories,
        services=whole.services,
        mailbox_mode=spec.mailbox_mode,
    )


def syslog(lab: Lab, node: str) -> Part:
    """Every machine writes a log, and the log is there before anything can use it."""
    probe = Probe("unix", "/dev/log")
    return Part(services=(Service("syslogd", "syslogd", ready=(probe,)),))


PARTS: Final[tuple[Callable[[Lab, str], Part], ...]] = (
    identity,
    accounts,
    syslog,
    name_service,
    mta,
    mailstores,
    own_files,
)
