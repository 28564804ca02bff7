"""How soon this machine notices that a neighbour is cut off.

Linux asks three times, a second apart, before it says "No route to host" (arp(7),
retrans_time); in a lab, where cables are pulled on purpose, that is most of the waiting.

WHY RTNETLINK
    The files below /proc/sys/net/ipv4/neigh are not shown to network namespaces of plain users,
    and a message costs less than a process of ip(8).  Source: rtnetlink(7), linux/neighbour.h.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

RETRANSMIT: Final = 200  # milliseconds
TABLE: Final = b"arp_cache\0"
RTM_SETNEIGHTBL: Final = 67
NLM_F_REQUEST_ACK: Final = 0x1 | 0x4
NDTA_NAME, NDTA_PARMS = 1, 6
NDTPA_IFINDEX, NDTPA_RETRANS_TIME = 1, 5
NLMSG_ERROR: Final = 2
DEADLINE: Final = 1.0  # seconds; the kernel answers at once


def notice_cuts_soon(milliseconds: int = RETRANSMIT) -> None:
    """Shorten the question time of every interface but the loopback."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(DEADLINE)
        netlink.bind((0, 0))
        for index, name in socket.if_nameindex():
            if name != "lo":
                netlink.send(request(index, milliseconds))
                _expect_success(netlink.recv(4096))


def request(interface: int, milliseconds: int) -> bytes:
    """Encode RTM_SETNEIGHTBL for one interface."""
    parameters = _attribute(NDTPA_IFINDEX, struct.pack("=I", interface))
    parameters += _attribute(NDTPA_RETRANS_TIME, struct.pack("=Q", milliseconds))
    body = struct.pack("=BBH", socket.AF_INET, 0, 0)
    body += _attribute(NDTA_NAME, TABLE) + _attribute(NDTA_PARMS, parameters)
    header = struct.pack("=IHHII", 16 + len(body), RTM_SETNEIGHTBL, NLM_F_REQUEST_ACK, 1, 0)
    return header + body


def _attribute(kind: int, value: bytes) -> bytes:
    length = 4 + len(value)
    return struct.pack("=HH", length, kind) + value + b"\0" * (-length % 4)


def _expect_success(answer: bytes) -> None:
    kind, error = struct.unpack_from("=4xH10xi", answer)
    if kind == NLMSG_ERROR and error:
        raise OSError(-error, "RTM_SETNEIGHTBL")
