"""Bridges and cables of a lab: all of them in the lab's own network namespace.

A bridge is a network, a veth pair is a cable: one end is the node's eth0, eth1, ..., the other
a port of the bridge.  To cut a node off is to take its port down.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Sequence
from typing import Final

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from labctl.compiler.plan import Interface

LOOPBACK_INDEX: Final = 1


class Networks:
    """The bridges of a lab; lives in the supervisor."""

    def __init__(self) -> None:
        self._netlink = IPRoute()
        self._netlink.link("set", index=LOOPBACK_INDEX, state="up")
        self._bridges: dict[str, int] = {}
        self._subnets: dict[str, str] = {}

    def subnets(self) -> dict[str, str]:
        return dict(self._subnets)

    def create(self, name: str, subnet: str) -> None:
        device = f"br{len(self._bridges)}"
        while device in {self._name(index) for index in self._bridges.values()}:
            device += "x"
        self._netlink.link("add", ifname=device, kind="bridge", state="up")
        self._bridges[name] = self._netlink.link_lookup(ifname=device)[0]
        self._subnets[name] = subnet

    def remove(self, name: str) -> None:
        self._netlink.link("del", index=self._bridges.pop(name))
        del self._subnets[name]

    def bridge(self, name: str) -> int:
        """Give the interface index of a network's bridge."""
        return self._bridges[name]

    def set_link(self, cable: str, *, up: bool) -> None:
        for index in self._netlink.link_lookup(ifname=cable):
            self._netlink.link("set", index=index, state="up" if up else "down")

    def _name(self, index: int) -> str:
        (link,) = self._netlink.get_links(index)
        return str(link.get_attr("IFLA_IFNAME"))


def cable_name(number: int, interface: int) -> str:
    """Name the bridge's end of a node's cable; the kernel allows 15 characters."""
    return f"n{number}i{interface}"


def forget_neighbours(addresses: Collection[str]) -> int:
    """Let the node that we are in forget the link addresses of some neighbours.

    A machine that has just talked to a neighbour believes in it for half a minute after its
    cable was pulled; a cut that is meant to be noticed is noticed at the next packet.
    """
    with IPRoute() as node:
        for entry in node.get_neighbours():
            if entry.get_attr("NDA_DST") in addresses:
                with contextlib.suppress(NetlinkError):  # gone by itself, or being asked for
                    node.neigh("del", dst=entry.get_attr("NDA_DST"), ifindex=entry["ifindex"])
    return 0


class Cabling:
    """Connects one node.  Made while still in the lab's namespace, used inside the node's."""

    def __init__(self, number: int, interfaces: Sequence[Interface], bridges: Sequence[int]):
        self._number = number
        self._interfaces = interfaces
        self._bridges = bridges
        self._lab = IPRoute()

    def plug_in(self) -> None:
        """Make the cables and configure this end, in the namespace that we are in now."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        for position, bridge in enumerate(self._bridges):
            peer = {"ifname": f"eth{position}", "net_ns_fd": here}
            name = cable_name(self._number, position)
            self._lab.link(
                "add", ifname=name, kind="veth", master=bridge, state="up", peer=peer
            )
        os.close(here)
        self._lab.close()
        with IPRoute() as node:
            node.link("set", index=LOOPBACK_INDEX, state="up")
            for position, interface in enumerate(self._interfaces):
                (index,) = node.link_lookup(ifname=f"eth{position}")
                node.addr(
                    "add",
                    index=index,
                    address=interface.address,
                    prefixlen=interface.prefix,
                )
                node.link("set", index=index, state="up")
