"""What must not happen: relaying for strangers, unknown users, mail on a null client."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Final

from labctl.compiler.expected import KeepsNoMail, RefuseRelay, RefuseUnknownUser
from labctl.compiler.expecting.flows import recipients_of_lab, sender_of, strangers_to
from labctl.compiler.lab import Lab
from labctl.compiler.mta import has_mta, smtp_address
from labctl.compiler.settings import settings
from labctl.topology.models import NodeSpec
from labctl.topology.words import Role

# RFC 2606: nobody's domain, for a lab that has no second one.
ELSEWHERE: Final = "somebody@elsewhere.invalid"
NOBODY: Final = "no-such-user"


def strangers_do_not_relay(lab: Lab) -> Iterator[RefuseRelay]:
    """No server of the lab carries a stranger's mail to a third party."""
    for node, spec in lab.topology.nodes.items():
        stranger = _stranger(lab, node) if has_mta(spec.role) else None
        if stranger is not None:
            yield RefuseRelay(
                id=f"policy.relay.{node}",
                needs=(f"port.{node}.smtp",),
                node=stranger,
                server=node,
                address=lab.address_seen_from(stranger, node),
                sender=sender_of(lab, stranger),
                recipient=_third_party(lab, spec),
            )


def unknown_users_are_refused(lab: Lab) -> Iterator[RefuseUnknownUser]:
    """Every exchanger of a domain knows who exists, a backup too."""
    for domain in lab.homes:
        for _, node in lab.exchangers(domain):
            stranger = _stranger(lab, node)
            if stranger is not None and not _takes_everybody(lab, node, domain):
                yield RefuseUnknownUser(
                    id=f"policy.unknown-user.{node}.{domain}",
                    needs=(f"port.{node}.smtp",),
                    node=stranger,
                    server=node,
                    address=lab.address_seen_from(stranger, node),
                    sender=sender_of(lab, stranger),
                    recipient=f"{NOBODY}@{domain}",
                )


def null_clients_keep_nothing(lab: Lab) -> Iterator[KeepsNoMail]:
    """What is given to a null client goes on."""
    for node in lab.with_role(Role.NULL_CLIENT):
        yield KeepsNoMail(
            id=f"policy.null-client.{node}", needs=(f"port.{node}.smtp",), node=node
        )


def _stranger(lab: Lab, node: str) -> str | None:
    """A node that the server has no reason to trust; None where it cannot be reached."""
    if smtp_address(lab, node) == "127.0.0.1":
        return None
    trusted = settings(lab, node)["mynetworks"]
    candidates = strangers_to(lab, node)
    return next((one for one in candidates if not _is_in(lab.addresses(one), trusted)), None)


def _is_in(addresses: tuple[str, ...], networks: str) -> bool:
    """Whether mynetworks covers an address; what is not a network may cover anything."""
    try:
        known = [IPv4Network(word) for word in networks.replace(",", " ").split()]
    except (AddressValueError, NetmaskValueError, ValueError):
        return True
    return any(IPv4Address(address) in network for address in addresses for network in known)


def _third_party(lab: Lab, spec: NodeSpec) -> str:
    own = {*spec.domains, *spec.virtual_domains, *spec.alias_domains, *spec.backup_for}
    others = (one for one in recipients_of_lab(lab) if one.rpartition("@")[2] not in own)
    return next(others, ELSEWHERE)


def _takes_everybody(lab: Lab, node: str, domain: str) -> bool:
    """A catch-all, or a server that was told not to look."""
    effective = settings(lab, node)
    tables = lab.spec(node).maps.values()
    return (
        effective.get("local_recipient_maps", "default") == ""
        or bool(effective.get("luser_relay"))
        or any(f"@{domain}" in table.rows for table in tables)
    )
