"""The few requests of rtnetlink(7) that a lab needs: links, addresses, neighbours.

INPUT AND OUTPUT
    A ``Netlink`` belongs to the network namespace in which it was made, also when the process
    moves on. What the kernel refuses is an ``OSError`` with its errno.

WHY NOT A LIBRARY
    The supervisor is forked for every node. A general library for netlink costs a quarter of
    the time of a whole `labctl up`, and its memory in every lab; see docs/decisions/0005.

Constants: linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, neighbour.h, veth.h.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import itertools
import os
import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Final, NamedTuple, Self

ROUTE: Final = 0  # NETLINK_ROUTE
IFF_UP: Final = 1
NESTED: Final = 0x8000
HEADER: Final = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
LINK: Final = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
ADDRESS: Final = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix, flags, scope, index
NEIGHBOUR: Final = struct.Struct("=BxxxiHBB")  # ndmsg: family, index, state, flags, type
ATTRIBUTE: Final = struct.Struct("=HH")
PIECE: Final = 1 << 16


class Flag(enum.IntFlag):
    """netlink(7): flags of a request."""

    REQUEST = 0x1
    ACK = 0x4
    EXCLUSIVE = 0x200
    CREATE = 0x400
    DUMP = 0x300


class Type(enum.IntEnum):
    """rtnetlink(7): types of messages."""

    ERROR = 2
    DONE = 3
    NEW_LINK = 16
    DELETE_LINK = 17
    NEW_ADDRESS = 20
    DELETE_NEIGHBOUR = 29
    GET_NEIGHBOUR = 30


class Neighbour(NamedTuple):
    """An entry of the table of neighbours."""

    interface: int
    address: str


class Netlink:
    """A connection to the kernel's tables of one network namespace."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, ROUTE)
        self._socket.bind((0, 0))
        self._sequence = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def add_bridge(self, name: str) -> None:
        """Make a bridge that works at once."""
        attributes = _text(IFLA_IFNAME, name) + _link_info("bridge")
        self._request(
            Type.NEW_LINK,
            LINK.pack(0, 0, 0, IFF_UP, IFF_UP) + attributes,
            Flag.CREATE | Flag.EXCLUSIVE,
        )

    def add_cable(self, name: str, bridge: int, far_name: str, far_namespace: int) -> None:
        """Make a veth pair: ``name`` is a port of the bridge, the other end is far away."""
        far_end = (
            LINK.pack(0, 0, 0, 0, 0)
            + _text(IFLA_IFNAME, far_name)
            + _number(IFLA_NET_NS_FD, far_namespace)
        )
        attributes = (
            _text(IFLA_IFNAME, name)
            + _number(IFLA_MASTER, bridge)
            + _link_info("veth", _attribute(VETH_INFO_PEER | NESTED, far_end))
        )
        self._request(
            Type.NEW_LINK,
            LINK.pack(0, 0, 0, IFF_UP, IFF_UP) + attributes,
            Flag.CREATE | Flag.EXCLUSIVE,
        )

    def remove_link(self, index: int) -> None:
        self._request(Type.DELETE_LINK, LINK.pack(0, 0, index, 0, 0))

    def set_link(self, index: int, *, up: bool) -> None:
        self._request(Type.NEW_LINK, LINK.pack(0, 0, index, IFF_UP if up else 0, IFF_UP))

    def add_address(self, index: int, address: str, prefix: int) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        packed = socket.inet_pton(family, address)
        attributes = _attribute(IFA_LOCAL, packed) + _attribute(IFA_ADDRESS, packed)
        self._request(
            Type.NEW_ADDRESS,
            ADDRESS.pack(family, prefix, 0, 0, index) + attributes,
            Flag.CREATE | Flag.EXCLUSIVE,
        )

    def neighbours(self) -> Iterator[Neighbour]:
        """Give the IPv4 neighbours that this machine believes to know."""
        request = NEIGHBOUR.pack(socket.AF_INET, 0, 0, 0, 0)
        for payload in self._dump(Type.GET_NEIGHBOUR, request):
            interface = NEIGHBOUR.unpack_from(payload)[1]
            for kind, value in _attributes(payload[NEIGHBOUR.size :]):
                if kind == NDA_DST:
                    yield Neighbour(interface, socket.inet_ntop(socket.AF_INET, value))

    def forget(self, neighbour: Neighbour) -> None:
        """Ask for the link address again; one that is gone by itself is fine."""
        destination = socket.inet_pton(socket.AF_INET, neighbour.address)
        request = NEIGHBOUR.pack(socket.AF_INET, neighbour.interface, 0, 0, 0)
        with contextlib.suppress(OSError):
            self._request(Type.DELETE_NEIGHBOUR, request + _attribute(NDA_DST, destination))

    def _request(self, kind: Type, payload: bytes, flags: int = 0) -> None:
        self._send(kind, payload, Flag.REQUEST | Flag.ACK | flags)
        for _ in self._answers():
            pass

    def _dump(self, kind: Type, payload: bytes) -> list[bytes]:
        self._send(kind, payload, Flag.REQUEST | Flag.DUMP)
        return list(self._answers())

    def _send(self, kind: Type, payload: bytes, flags: int) -> None:
        length = HEADER.size + len(payload)
        self._socket.send(
            HEADER.pack(length, kind, flags, next(self._sequence) & 0xFFFFFFFF, 0) + payload
        )

    def _answers(self) -> Iterator[bytes]:
        """Give the payloads of one answer, up to its end or acknowledgement."""
        while True:
            data = self._socket.recv(PIECE)
            while data:
                length, kind, _flags, _sequence, _port = HEADER.unpack_from(data)
                payload, data = data[HEADER.size : length], data[_aligned(length) :]
                if kind == Type.DONE:
                    return
                if kind == Type.ERROR:
                    _raise_if_refused(payload)
                    return
                yield payload


def index_of(name: str) -> int:
    """Give the index of an interface in the namespace that this process is in."""
    return socket.if_nametoindex(name)


def _raise_if_refused(payload: bytes) -> None:
    number = -int.from_bytes(payload[:4], "little", signed=True)
    if number:
        raise OSError(number, f"rtnetlink: {os.strerror(number)} ({errno.errorcode[number]})")


def _link_info(kind: str, data: bytes = b"") -> bytes:
    info = _text(IFLA_INFO_KIND, kind)
    if data:
        info += _attribute(IFLA_INFO_DATA | NESTED, data)
    return _attribute(IFLA_LINKINFO | NESTED, info)


def _text(kind: int, value: str) -> bytes:
    return _attribute(kind, value.encode() + b"\0")


def _number(kind: int, value: int) -> bytes:
    return _attribute(kind, struct.pack("=I", value))


def _attribute(kind: int, value: bytes) -> bytes:
    length = ATTRIBUTE.size + len(value)
    padding = bytes(_aligned(length) - length)
    return ATTRIBUTE.pack(length, kind) + value + padding


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= ATTRIBUTE.size:
        length, kind = ATTRIBUTE.unpack_from(data)
        yield kind, data[ATTRIBUTE.size : length]
        data = data[_aligned(length) :]


def _aligned(length: int) -> int:
    return (length + 3) & ~3


IFLA_IFNAME: Final = 3
IFLA_MASTER: Final = 10
IFLA_LINKINFO: Final = 18
IFLA_NET_NS_FD: Final = 28
IFLA_INFO_KIND: Final = 1
IFLA_INFO_DATA: Final = 2
VETH_INFO_PEER: Final = 1
IFA_ADDRESS: Final = 1
IFA_LOCAL: Final = 2
NDA_DST: Final = 1
