"""Where mail rests and how it is read: spool, virtual mailboxes, POP3 and IMAP under inetd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from labctl.compiler.lab import Lab
from labctl.compiler.mta import has_mta
from labctl.compiler.part import Part
from labctl.compiler.plan import Directory, File, Probe, Service
from labctl.compiler.settings import settings
from labctl.compiler.tables import mailbox_rows
from labctl.topology.models import NodeSpec
from labctl.topology.system import SYSTEM_GROUPS, SYSTEM_USERS

# UW-IMAP asks for mode 1777, so that a session of the mailbox's owner can make the lock
# file; the group keeps the mailboxes in group mail, as on Debian.
SPOOL: Final = Directory("/var/mail", group="mail", mode="3777")


class Protocol(NamedTuple):
    """A way to read mail: its port, and its line of inetd.conf(5)."""

    port: int
    line: str  # of inetd.conf(5)


PROTOCOLS: Final = {
    "pop3": Protocol(110, "pop3\tstream\ttcp\tnowait\troot\t/usr/sbin/ipop3d\tipop3d"),
    "imap": Protocol(143, "imap2\tstream\ttcp\tnowait\troot\t/usr/sbin/imapd\timapd"),
}


def protocols_of(spec: NodeSpec) -> tuple[str, ...]:
    """How mail is read on a node: what it says, or both ways where there are mailboxes."""
    if spec.protocols is not None:
        return spec.protocols
    return tuple(PROTOCOLS) if spec.users and has_mta(spec.role) else ()


def mailstores(lab: Lab, node: str) -> Part:
    """Make the places where mail rests, and start the servers that hand it out."""
    spec = lab.spec(node)
    if not has_mta(spec.role):
        return Part()
    protocols = protocols_of(spec)
    directories = (SPOOL, *_virtual(lab, node))
    if not protocols:
        return Part(directories=directories)
    lines = "".join(f"{PROTOCOLS[name].line}\n" for name in protocols)
    probes = tuple(Probe(name, lab.address(node), PROTOCOLS[name].port) for name in protocols)
    return Part(
        files=(File("/etc/inetd.conf", lines, reload="inetd"),),
        directories=directories,
        services=(Service("inetd", "inetd -i /etc/inetd.conf", ready=probes),),
    )


def owner_of_virtual(lab: Lab, node: str) -> tuple[str, str]:
    """The account and group that virtual_uid_maps and virtual_gid_maps name."""
    effective = settings(lab, node)
    uids = {str(uid): name for name, (uid, _) in SYSTEM_USERS.items()}
    gids = {str(gid): name for name, gid in SYSTEM_GROUPS.items()}
    uid = effective["virtual_uid_maps"].removeprefix("static:")
    gid = effective["virtual_gid_maps"].removeprefix("static:")
    return uids.get(uid, uid), gids.get(gid, gid)


def _virtual(lab: Lab, node: str) -> Iterator[Directory]:
    """virtual(8) makes no directories above a mailbox: they must be there, with their owner."""
    spec = lab.spec(node)
    if not spec.virtual_domains:
        return
    owner, group = owner_of_virtual(lab, node)
    base = PurePosixPath(settings(lab, node)["virtual_mailbox_base"])
    needed = {base}
    for row in mailbox_rows(spec).values():
        inside = (base / row).parents
        needed.update(one for one in inside if base in one.parents)
    for path in sorted(needed):
        yield Directory(str(path), owner=owner, group=group)
