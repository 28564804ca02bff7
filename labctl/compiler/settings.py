"""main.cf of a node: what every node has, what its role and its domains ask for, what it says.

ORDER
    Later wins: ``BASE``, the role (``ROLES``), the domains (backup, virtual, alias),
    tables that the node brings, and at last its own ``postfix:``. The file then shows all
    of it; nothing depends on a default that the reader would have to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from labctl.compiler.lab import Lab
from labctl.topology.tables import REGULAR_EXPRESSIONS, SETTING_OF_TABLE, mentions
from labctl.topology.words import Role

BASE: Final[Mapping[str, str]] = {
    "compatibility_level": "3.6",
    "queue_directory": "/var/spool/postfix",
    "command_directory": "/usr/sbin",
    "daemon_directory": "/usr/lib/postfix/sbin",
    "data_directory": "/var/lib/postfix",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "mail_spool_directory": "/var/mail",
    "mail_name": "Postfix",
    "smtpd_banner": "$myhostname ESMTP $mail_name (Debian/GNU)",
    "biff": "no",
    "inet_interfaces": "all",
    "inet_protocols": "ipv4",
    "alias_maps": "hash:/etc/aliases",
    "alias_database": "hash:/etc/aliases",
}


@lru_cache(maxsize=4096)
def settings(lab: Lab, node: str) -> Mapping[str, str]:
    """All main.cf settings of a node, in the order in which they are written."""
    spec = lab.spec(node)
    return {
        **BASE,
        **_names(lab, node),
        **ROLES.get(spec.role, _primary)(lab, node),
        **_backup(lab, node),
        **_virtual(lab, node),
        **_aliases(lab, node),
        **_tables(lab, node),
        **spec.postfix,
    }


def main_cf(lab: Lab, node: str) -> str:
    """The text of main.cf."""
    lines = (f"{name} = {value}".rstrip() for name, value in settings(lab, node).items())
    return (
        f"# {lab.hostname(node)}, {lab.spec(node).role.value} of lab {lab.topology.lab}\n"
        + ("".join(f"{_continued(line)}\n" for line in lines))
    )


def _continued(line: str) -> str:
    # postconf(5): a line that begins with white space continues the one before.
    return "\n    ".join(part.strip() for part in line.splitlines() if part.strip())


def _names(lab: Lab, node: str) -> dict[str, str]:
    spec = lab.spec(node)
    domain = spec.domains[0] if spec.domains else spec.hostname.partition(".")[2]
    clients = [f"{lab.address_seen_from(node, one)}/32" for one in lab.clients_of(node)]
    return {
        "myhostname": spec.hostname,
        "mydomain": domain,
        "myorigin": "$mydomain" if spec.domains else "$myhostname",
        "mydestination": ", ".join(("$myhostname", "localhost", *_own_domains(spec.domains))),
        # Only the nodes that give their mail to this one; all others are strangers.
        "mynetworks": ", ".join(("127.0.0.0/8", *clients)),
        "relayhost": f"[{lab.hostname(spec.relay)}]" if spec.relay else "",
    }


def _own_domains(domains: tuple[str, ...]) -> tuple[str, ...]:
    return ("$mydomain", *domains[1:]) if domains else ()


def _primary(lab: Lab, node: str) -> dict[str, str]:
    return {"mailbox_command": "/usr/bin/procmail"} if lab.spec(node).users else {}


def _null_client(lab: Lab, node: str) -> dict[str, str]:
    # STANDARD_CONFIGURATION_README "null client": everything leaves through the relay.
    return {
        "myorigin": "$mydomain",
        "mydestination": "",
        "inet_interfaces": "loopback-only",
        "local_transport": "error:local delivery is disabled",
    }


def _backup(lab: Lab, node: str) -> dict[str, str]:
    domains = lab.spec(node).backup_for
    if not domains:
        return {}
    # A backup that takes mail for unknown users becomes a source of bounces.
    return {
        "relay_domains": ", ".join(domains),
        "relay_recipient_maps": "hash:/etc/postfix/relay_recipients",
    }


def _virtual(lab: Lab, node: str) -> dict[str, str]:
    domains = lab.spec(node).virtual_domains
    if not domains:
        return {}
    return {
        "virtual_mailbox_domains": ", ".join(domains),
        "virtual_mailbox_base": "/var/spool/virtual",
        "virtual_mailbox_maps": "hash:/etc/postfix/virtual_mailbox",
        "virtual_uid_maps": "static:113",
        "virtual_gid_maps": "static:120",
    }


def _aliases(lab: Lab, node: str) -> dict[str, str]:
    domains = lab.spec(node).alias_domains
    if not domains:
        return {}
    return {
        "virtual_alias_domains": ", ".join(domains),
        "virtual_alias_maps": "hash:/etc/postfix/virtual.alias",
    }


def _tables(lab: Lab, node: str) -> dict[str, str]:
    """A table with the name of the manual needs no setting of its own."""
    spec = lab.spec(node)
    named = {mention.file for mention in mentions(spec)}
    return {
        SETTING_OF_TABLE[name]: f"{table.type or _usual_type(name)}:/etc/postfix/{name}"
        for name, table in spec.maps.items()
        if name in SETTING_OF_TABLE and name not in named
    }


def _usual_type(table: str) -> str:
    return "regexp" if table in REGULAR_EXPRESSIONS else "hash"


ROLES: Final[Mapping[Role, Callable[[Lab, str], dict[str, str]]]] = {
    Role.PRIMARY: _primary,
    Role.NULL_CLIENT: _null_client,
    Role.BACKUP_MX: _primary,
    Role.VIRTUAL_HOST: _primary,
    Role.MTA: _primary,
}
