"""Bridges and cables of a lab: all of them in the lab's own network namespace.

A bridge is a network, a veth pair is a cable: one end is the node's eth0, eth1, ..., the other
a port of the bridge.  To cut a node off is to take its port down.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Collection, Sequence
from typing import Final

from labctl.compiler.plan import Interface
from labctl.engine.native.netlink import Netlink, index_of

LOOPBACK_INDEX: Final = 1


class Networks:
    """The bridges of a lab; lives in the supervisor."""

    def __init__(self) -> None:
        self._netlink = Netlink()
        self._netlink.set_link(LOOPBACK_INDEX, up=True)
        self._bridges: dict[str, int] = {}
        self._subnets: dict[str, str] = {}

    def subnets(self) -> dict[str, str]:
        return dict(self._subnets)

    def create(self, name: str, subnet: str) -> None:
        device = f"br{len(self._bridges)}"
        while device in {socket.if_indextoname(index) for index in self._bridges.values()}:
            device += "x"
        self._netlink.add_bridge(device)
        self._bridges[name] = index_of(device)
        self._subnets[name] = subnet

    def remove(self, name: str) -> None:
        self._netlink.remove_link(self._bridges.pop(name))
        del self._subnets[name]

    def bridge(self, name: str) -> int:
        """Give the interface index of a network's bridge."""
        return self._bridges[name]

    def set_link(self, cable: str, *, up: bool) -> None:
        with contextlib.suppress(OSError):  # the node, and with it the cable, has gone
            self._netlink.set_link(index_of(cable), up=up)


def cable_name(number: int, interface: int) -> str:
    """Name the bridge's end of a node's cable; the kernel allows 15 characters."""
    return f"n{number}i{interface}"


def forget_neighbours(addresses: Collection[str]) -> int:
    """Let the node that we are in forget the link addresses of some neighbours.

    A machine that has just talked to a neighbour believes in it for half a minute after its
    cable was pulled; a cut that is meant to be noticed is noticed at the next packet.
    """
    with Netlink() as node:
        for neighbour in list(node.neighbours()):
            if neighbour.address in addresses:
                node.forget(neighbour)
    return 0


class Cabling:
    """Connects one node.  Made while still in the lab's namespace, used inside the node's."""

    def __init__(self, number: int, interfaces: Sequence[Interface], bridges: Sequence[int]):
        self._number = number
        self._interfaces = interfaces
        self._bridges = bridges
        self._lab = Netlink()

    def plug_in(self) -> None:
        """Make the cables and configure this end, in the namespace that we are in now."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        for position, bridge in enumerate(self._bridges):
            name = cable_name(self._number, position)
            self._lab.add_cable(name, bridge, f"eth{position}", here)
        os.close(here)
        self._lab.close()
        with Netlink() as node:
            node.set_link(LOOPBACK_INDEX, up=True)
            for position, interface in enumerate(self._interfaces):
                index = index_of(f"eth{position}")
                node.add_address(index, interface.address, interface.prefix)
                node.set_link(index, up=True)
