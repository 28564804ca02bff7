"""The backup MX drill: who is cut off, who keeps the mail meanwhile, who sends it."""

from __future__ import annotations

from collections.abc import Iterator

from labctl.compiler.expected import BackupDrill
from labctl.compiler.expecting.flows import entry, mailbox_at, recipients_of_lab, sender_of
from labctl.compiler.lab import Lab
from labctl.compiler.mta import has_mta


def backups_keep_mail(lab: Lab) -> Iterator[BackupDrill]:
    """One drill for every domain that has a backup."""
    for domain, primary in lab.homes.items():
        backups = lab.backups(domain)
        recipient = _recipient(lab, domain)
        node = _sender(lab, primary, backups[0]) if backups else None
        mailbox = mailbox_at(lab, primary, recipient) if recipient else None
        if node is None or mailbox is None:
            continue
        start = entry(lab, node, recipient)
        yield BackupDrill(
            id=f"drill.backup-mx.{domain}",
            needs=(f"dns.mx.{domain}", f"port.{primary}.smtp", f"port.{backups[0]}.smtp"),
            domain=domain,
            primary=primary,
            backup=backups[0],
            node=node,
            server=start.server if start else "",
            sender=sender_of(lab, node),
            recipient=recipient,
            mailbox=mailbox,
        )


def _recipient(lab: Lab, domain: str) -> str:
    return next((one for one in recipients_of_lab(lab) if one.endswith(f"@{domain}")), "")


def _sender(lab: Lab, primary: str, backup: str) -> str | None:
    """A node whose mail takes the backup: one that relays through it, or a third MTA.

    What relays through the primary is of no use, and a station without an MTA and without
    a relay would have to know what an MTA knows about MX.
    """
    through = [name for name in lab.clients_of(backup) if name != primary]
    # A station is there at once; an MTA on the way has to queue the message first.
    through.sort(key=lambda name: has_mta(lab.spec(name).role))
    others = (
        name
        for name, spec in lab.topology.nodes.items()
        if has_mta(spec.role) and spec.relay is None and name not in (primary, backup)
    )
    return next(iter((*through, *others)), None)
