"""The addresses of this machine: of its interfaces, where we listen, of proxies before it.

trivial-rewrite asks whether `user@[198.18.0.10]` is ours, the SMTP client whether an MX host
is ourselves, and mynetworks is made of the same list.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from labctl.node.base.log import Fatal

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


class OwnAddress(NamedTuple):
    """An address of this machine, and how long the prefix of its network is."""

    address: str
    prefix: int

    @property
    def family(self) -> str:
        """The name that inet_protocols has for the address family."""
        return "ipv6" if ":" in self.address else "ipv4"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        return self.address == "::1" or self.address.startswith("127.")


def own_addresses(config: Config) -> frozenset[str]:
    """Return every address at which mail for us arrives, proxies included.

    The kernel is asked once a Config, as a daemon of Postfix asks when it starts.
    """

    def find(_name: str) -> frozenset[str]:
        listening = {own.address for own in listening_addresses(config)}
        return frozenset(listening | proxy_addresses(config))

    found: frozenset[str] = config.remember("addresses", "inet_interfaces", find)
    return found


def proxy_addresses(config: Config) -> set[str]:
    """Return postconf(5) proxy_interfaces as addresses."""
    hosts = config.words("proxy_interfaces")
    return {own.address for host in hosts for own in _resolve(host, "proxy_interfaces")}


def listening_addresses(config: Config) -> list[OwnAddress]:
    """Return postconf(5) inet_interfaces as addresses, limited to inet_protocols."""
    protocols = config.words("inet_protocols")
    wanted = FAMILIES if "all" in protocols else protocols
    found = [own for own in _listening(config) if own.family in wanted]
    return list(dict.fromkeys(found))


def interface_addresses() -> list[OwnAddress]:
    """Ask the kernel for the addresses of all interfaces, in its order."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(5)
        netlink.send(struct.pack("=IHHIIBxxxI", 24, RTM_GETADDR, DUMP_REQUEST, 1, 0, 0, 0))
        return [own for message in _messages(netlink) for own in _addresses(message)]


def _listening(config: Config) -> list[OwnAddress]:
    names = config.words("inet_interfaces")
    if names == ("all",):
        return interface_addresses()
    if names == ("loopback-only",):
        return [own for own in interface_addresses() if own.is_loopback]
    prefixes = {own.address: own for own in interface_addresses()}
    resolved = [own for name in names for own in _resolve(name, "inet_interfaces")]
    return [prefixes.get(own.address, own) for own in resolved]


def _resolve(host: str, parameter: str) -> list[OwnAddress]:
    host = host.removeprefix("[").removesuffix("]")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Fatal(f"config variable {parameter}: host not found: {host}") from error
    return [
        OwnAddress(str(item[4][0]), 128 if item[0] == socket.AF_INET6 else 32) for item in found
    ]


def _messages(netlink: socket.socket) -> Iterator[bytes]:
    """Split what the kernel sends into messages, until it says that it is done."""
    while True:
        data = netlink.recv(65536)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                return
            yield data[HEADER:length]
            data = data[(length + 3) & ~3 :]


def _addresses(message: bytes) -> Iterator[OwnAddress]:
    """Read one ifaddrmsg of rtnetlink(7) and the attributes behind it."""
    family, prefix = message[0], message[1]
    found: dict[int, bytes] = {}
    rest = message[8:]
    while len(rest) >= 4:
        length, kind = struct.unpack_from("=HH", rest)
        found[kind] = rest[4:length]
        rest = rest[(length + 3) & ~3 :]
    # On a point-to-point link IFA_ADDRESS is the other end, IFA_LOCAL is ours.
    packed = found.get(IFA_LOCAL) or found.get(IFA_ADDRESS)
    if packed and family in (socket.AF_INET, socket.AF_INET6):
        yield OwnAddress(socket.inet_ntop(family, packed), prefix)


FAMILIES: Final = ("ipv4", "ipv6")
RTM_GETADDR: Final = 22
DUMP_REQUEST: Final = 0x301
NLMSG_ERROR: Final = 2
NLMSG_DONE: Final = 3
IFA_ADDRESS: Final = 1
IFA_LOCAL: Final = 2
HEADER: Final = 16
