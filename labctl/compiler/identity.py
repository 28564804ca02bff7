"""Who a machine is: its names, where it asks for names, which services have which port."""

from __future__ import annotations

from typing import Final

from labctl.compiler.lab import Lab
from labctl.compiler.part import Part
from labctl.compiler.plan import File
from labctl.topology.words import Role

# The services(5) lines that the course's programs look up; "imap2" is the name in inetd.conf.
SERVICES: Final = """\
echo\t\t7/tcp
discard\t\t9/tcp\t\tsink null
daytime\t\t13/tcp
chargen\t\t19/tcp\t\tttytst source
smtp\t\t25/tcp\t\tmail
time\t\t37/tcp\t\ttimserver
domain\t\t53/tcp
domain\t\t53/udp
http\t\t80/tcp\t\twww
pop3\t\t110/tcp\t\tpop-3
imap2\t\t143/tcp\t\timap
submissions\t465/tcp\t\tssmtp smtps urd
submission\t587/tcp
imaps\t\t993/tcp
pop3s\t\t995/tcp
"""


def identity(lab: Lab, node: str) -> Part:
    """Write hostname, mailname, hosts, resolv.conf and services."""
    spec = lab.spec(node)
    mail_name = spec.domains[0] if spec.domains else spec.hostname
    return Part(
        files=(
            File("/etc/hostname", f"{spec.hostname}\n"),
            File("/etc/mailname", f"{mail_name}\n"),
            File("/etc/hosts", _hosts(lab, node)),
            # Postfix reads the resolver's configuration once, when it starts.
            File("/etc/resolv.conf", _resolver(lab, node), reload=_mta(spec.role)),
            File("/etc/services", SERVICES),
            File("/etc/labctl/mailbox_mode", f"{spec.mailbox_mode}\n"),
        )
    )


def _hosts(lab: Lab, node: str) -> str:
    hostname = lab.hostname(node)
    short = hostname.partition(".")[0]
    own = "".join(f"{address}\t{hostname} {short}\n" for address in lab.addresses(node))
    return f"127.0.0.1\tlocalhost\n{own}"


def _resolver(lab: Lab, node: str) -> str:
    servers = [lab.address_seen_from(node, server) for server in lab.with_role(Role.DNS)]
    # RFC 1535: no search list beyond the own domain; every answer here comes at once.
    domain = lab.hostname(node).partition(".")[2]
    lines = [f"search {domain}", *(f"nameserver {server}" for server in servers)]
    return "\n".join((*lines, "options timeout:2 attempts:3")) + "\n"


def _mta(role: Role) -> str:
    return "" if role in (Role.DNS, Role.CLIENT) else "postfix"
