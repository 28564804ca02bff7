"""Subnets that are taken on this machine: which of them is in the way of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Final

from labctl.compiler.plan import Network
from labctl.errors import LabError


class SubnetTaken(LabError):
    """Somebody else has a subnet of the plan; another plan may have another one."""


def holder(subnet: str, taken: Mapping[str, str]) -> str:
    """Name what holds a part of ``subnet``; empty when it is free."""
    wanted = IPv4Network(subnet)
    for other, name in taken.items():
        if wanted.overlaps(IPv4Network(other)):
            return f"{name} ({other})" if other != subnet else name
    return ""


def passed_over(networks: Iterable[Network], taken: Mapping[str, str]) -> list[str]:
    """Say why networks do not have the subnets that they have on other days."""
    return [
        f"network {network.name} is {network.subnet}: {other} is taken by {name}"
        for network in networks
        for other, name in sorted(taken.items())
        if other.startswith(LABORATORY) and IPv4Network(other) < IPv4Network(network.subnet)
    ][:MANY]


# RFC 2544: where default subnets come from, in order.
LABORATORY: Final = ("198.18.", "198.19.")
MANY: Final = 3  # lines; more would hide what else `up` has to say
