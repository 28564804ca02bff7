"""Subnets that a lab of containers cannot have: of other networks, and of this machine."""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection, Iterator, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

from docker.models.networks import Network

ROUTES: Final = Path("/proc/net/route")


def of(network: Network) -> list[str]:
    """Give the IPv4 subnets of a Docker network."""
    pools = (network.attrs.get("IPAM") or {}).get("Config") or ()
    return [pool["Subnet"] for pool in pools if ":" not in pool["Subnet"]]


def taken(networks: Sequence[Network], own: Collection[str | None]) -> dict[str, str]:
    """Say what holds each subnet that a lab with the networks ``own`` (ids) cannot have."""
    bridges = {f"br-{str(network.id)[:12]}" for network in networks}
    return {
        **{
            subnet: f"the Docker network {network.name}"
            for network in networks
            if network.id not in own
            for subnet in of(network)
        },
        **{
            subnet: f"this machine's interface {interface}"
            for interface, subnet in routes(ROUTES.read_text())
            if interface not in bridges and interface != "docker0"
        },
    }


def routes(table: str) -> Iterator[tuple[str, str]]:
    """Give interface and subnet of every route but the default one (/proc/net/route)."""
    for line in table.splitlines()[1:]:
        interface, destination, *_, mask = line.split()[:8]
        network = IPv4Network((_address(destination), _address(mask)))
        if network.prefixlen:
            yield interface, str(network)


def _address(number: str) -> str:
    # Eight hexadecimal digits in the byte order of this machine.
    return socket.inet_ntoa(struct.pack("=I", int(number, 16)))
