"""Mail from every node to every user: the way it takes and where it comes to rest."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from labctl.compiler.accounts import User, users_of
from labctl.compiler.expected import Flow, Mailbox, Reader
from labctl.compiler.lab import Lab
from labctl.compiler.mailstores import PROTOCOLS, owner_of_virtual, protocols_of
from labctl.compiler.mta import has_mta
from labctl.compiler.routing import Way, first_exchanger, sender_after, way
from labctl.compiler.settings import settings
from labctl.compiler.tables import mailbox_rows
from labctl.topology.words import Role

PROCMAIL = "/usr/bin/procmail"


class Entry(NamedTuple):
    """Where a node's mail enters the first MTA: its own sendmail(1), or another's port 25."""

    mta: str
    server: str  # "" for sendmail(1)


def flows(lab: Lab) -> Iterator[Flow]:
    """A message from each node to each address that the topology promises."""
    recipients = tuple(recipients_of_lab(lab))
    for node in lab.topology.nodes:
        for recipient in recipients:
            flow = _flow(lab, node, recipient)
            if flow is not None:
                yield flow


def recipients_of_lab(lab: Lab) -> Iterator[str]:
    """Every user, virtual mailbox and alias of an alias domain."""
    for spec in lab.topology.nodes.values():
        for domain in spec.domains:
            yield from (f"{user}@{domain}" for user in spec.users)
        for domain, mailboxes in spec.virtual_domains.items():
            yield from (f"{name}@{domain}" for name in mailboxes)
        for domain, aliases in spec.alias_domains.items():
            yield from (f"{name}@{domain}" for name in aliases)


def entry(lab: Lab, node: str, recipient: str) -> Entry | None:
    """How mail leaves a node; without an MTA it speaks SMTP to its relay, or to the MX."""
    spec = lab.spec(node)
    if has_mta(spec.role):
        return Entry(node, "")
    target = spec.relay or first_exchanger(lab, recipient.rpartition("@")[2])
    if target is None or not lab.reach(node, target):
        return None
    return Entry(target, lab.address_seen_from(node, target))


def sender_of(lab: Lab, node: str) -> str:
    """An address that belongs to a node; for a station, one of its mail server's users."""
    spec = lab.spec(node)
    if spec.users and spec.domains:
        return f"{next(iter(spec.users))}@{spec.domains[0]}"
    for domain, names in spec.virtual_domains.items():
        if names:
            return f"{next(iter(names))}@{domain}"
    return sender_of(lab, spec.relay) if spec.relay else f"root@{spec.hostname}"


def mailbox_at(lab: Lab, node: str, recipient: str) -> Mailbox | None:
    """The mailbox of an address on the node that delivers to it, if it can be told."""
    spec = lab.spec(node)
    local = recipient.rpartition("@")[0]
    user = spec.users.get(local)
    # A .forward, an alias or a .procmailrc may send the message anywhere.
    if user is not None and (local in spec.aliases or user.forward or user.procmailrc):
        return None
    return mailbox_of(lab, node, recipient)


def mailbox_of(lab: Lab, node: str, recipient: str) -> Mailbox | None:
    """The mailbox of an address, whatever its owner does with mail that comes."""
    spec = lab.spec(node)
    local, _, domain = recipient.rpartition("@")
    if domain in spec.virtual_domains:
        return _virtual_mailbox(lab, node, recipient)
    users = {user.name: user for user in users_of(spec)}
    return _system_mailbox(lab, node, users[local]) if local in users else None


def _flow(lab: Lab, node: str, recipient: str) -> Flow | None:
    start = entry(lab, node, recipient)
    taken = way(lab, start.mta, recipient) if start else None
    mailbox = mailbox_at(lab, taken.nodes[-1], taken.recipient) if taken else None
    if start is None or taken is None or mailbox is None:
        return None
    readers = _readers(lab, taken)
    sender = sender_of(lab, node)
    rewritten = sender_after(lab, taken.nodes, sender)
    return Flow(
        id=f"flow.{node}.{recipient}",
        needs=_needs(lab, taken, readers, recipient),
        node=node,
        server=start.server,
        sender=sender,
        recipient=recipient,
        mailbox=mailbox,
        readers=readers,
        received=_received(lab, taken),
        delivered_to=taken.recipient,
        rewritten=rewritten if rewritten != sender else "",
    )


def _needs(
    lab: Lab, taken: Way, readers: tuple[Reader, ...], recipient: str
) -> tuple[str, ...]:
    last = taken.nodes[-1]
    logins = (f"login.{last}.{reader.protocol}.{reader.user}" for reader in readers)
    smtp = (f"port.{node}.smtp" for node in taken.nodes)
    domain = recipient.rpartition("@")[2]
    return (*dict.fromkeys((f"dns.mx.{domain}", *smtp, *logins)),)


def _received(lab: Lab, taken: Way) -> tuple[str, ...]:
    """RFC 5321 4.4: each MTA adds a line; through a content filter it adds more than one."""
    if any(settings(lab, node).get("content_filter") for node in taken.nodes):
        return ()
    return tuple(settings(lab, node)["myhostname"] for node in taken.nodes)


def _readers(lab: Lab, taken: Way) -> tuple[Reader, ...]:
    node = taken.nodes[-1]
    local = taken.recipient.rpartition("@")[0]
    user = next((one for one in users_of(lab.spec(node)) if one.name == local), None)
    if user is None or taken.recipient.rpartition("@")[2] not in lab.spec(node).domains:
        return ()
    return tuple(
        Reader(
            protocol=protocol,
            address=lab.address(node),
            port=PROTOCOLS[protocol].port,
            user=user.name,
            password=user.password,
        )
        for protocol in protocols_of(lab.spec(node))
    )


def _system_mailbox(lab: Lab, node: str, user: User) -> Mailbox | None:
    """local(8) "DELIVERY METHOD CONTROLS", in its order."""
    effective = settings(lab, node)
    if any(effective.get(name) for name in ("mailbox_transport", "mailbox_command_maps")):
        return None
    command = effective.get("mailbox_command", "")
    if command and command.split()[0] != PROCMAIL:
        return None
    home = effective.get("home_mailbox", "") if not command else ""
    spool = f"{effective['mail_spool_directory'].rstrip('/')}/{user.name}"
    return Mailbox(
        node=node,
        path=posixpath.join(user.home, home.rstrip("/")) if home else spool,
        format="maildir" if home.endswith("/") else "mbox",
        owner=user.name,
        group=user.name if home else "mail",
        # procmail keeps a mailbox in a directory of group mail writable for that group.
        mode="0660" if command else "0600",
    )


def _virtual_mailbox(lab: Lab, node: str, recipient: str) -> Mailbox:
    row = mailbox_rows(lab.spec(node))[recipient]
    owner, group = owner_of_virtual(lab, node)
    return Mailbox(
        node=node,
        path=posixpath.join(settings(lab, node)["virtual_mailbox_base"], row.rstrip("/")),
        format="maildir" if row.endswith("/") else "mbox",
        owner=owner,
        group=group,
        mode="0600",
    )


def strangers_to(lab: Lab, node: str) -> Iterator[str]:
    """Nodes that give their mail to others; name servers first, they give theirs to nobody."""
    friends = {node, *lab.clients_of(node)}
    ordered = sorted(lab.topology.nodes, key=lambda name: lab.spec(name).role is not Role.DNS)
    return (name for name in ordered if name not in friends and lab.reach(name, node))
