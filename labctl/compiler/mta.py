"""The mail transfer agent of a node: its configuration, its directories, its service."""

from __future__ import annotations

from typing import Final

from labctl.compiler.lab import Lab
from labctl.compiler.master_cf import master_cf
from labctl.compiler.part import Part
from labctl.compiler.plan import Directory, File, Probe, Service
from labctl.compiler.settings import main_cf, settings
from labctl.compiler.tables import tables
from labctl.topology.words import Role

# postfix-files(5), the queue directory. A script cannot be setgid, so that maildrop/ takes
# files from everybody (pickup checks their owner) and everybody may knock in public/.
QUEUE: Final = (
    Directory("/var/spool/postfix"),
    *(
        Directory(f"/var/spool/postfix/{name}", owner="postfix", mode="0700")
        for name in (
            *("active", "bounce", "corrupt", "defer", "deferred", "flush"),
            *("hold", "incoming", "private", "saved", "trace"),
        )
    ),
    Directory("/var/spool/postfix/maildrop", owner="postfix", group="postdrop", mode="1733"),
    Directory("/var/spool/postfix/public", owner="postfix", group="postdrop", mode="0755"),
    Directory("/var/spool/postfix/pid"),
    Directory("/var/lib/postfix", owner="postfix", group="postfix"),
)


def has_mta(role: Role) -> bool:
    """Whether a node with this role runs an MTA."""
    return role not in (Role.DNS, Role.CLIENT)


def mta(lab: Lab, node: str) -> Part:
    """Write main.cf, master.cf, the tables, and start the MTA when they are indexed."""
    spec = lab.spec(node)
    if not has_mta(spec.role):
        return Part()
    lookup = tables(lab, node)
    probe = Probe("smtp", smtp_address(lab, node), 25)
    return Part(
        files=(
            File("/etc/postfix/main.cf", main_cf(lab, node), reload="postfix"),
            File("/etc/postfix/master.cf", master_cf(spec), reload="postfix"),
            *lookup.files,
        ),
        directories=QUEUE,
        services=(*lookup.services, Service("postfix", "master", ready=(probe,))),
    )


def smtp_address(lab: Lab, node: str) -> str:
    """Where the node's SMTP server listens; only on itself, if it is told so."""
    interfaces = settings(lab, node)["inet_interfaces"]
    local = interfaces in ("loopback-only", "localhost", "127.0.0.1")
    return "127.0.0.1" if local else lab.address(node)
