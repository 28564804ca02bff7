"""How soon this machine notices that a neighbour is cut off.

Linux believes in a neighbour for half a minute after it was heard last, waits five seconds
before it asks again, and asks three times a second apart before it says "No route to host"
(arp(7)). In a lab, where cables are pulled on purpose, that is most of the waiting.

WHY RTNETLINK
    The files below /proc/sys/net/ipv4/neigh are not shown to network namespaces of plain users,
    and a message costs less than a process of ip(8).  Source: rtnetlink(7), linux/neighbour.h.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from typing import Final

TABLE: Final = b"arp_cache\0"
RTM_SETNEIGHTBL: Final = 67
NLM_F_REQUEST_ACK: Final = 0x1 | 0x4
NDTA_NAME, NDTA_PARMS = 1, 6
NDTPA_IFINDEX, NDTPA_BASE_REACHABLE_TIME = 1, 4
NDTPA_RETRANS_TIME, NDTPA_DELAY_PROBE_TIME = 5, 7
NLMSG_ERROR: Final = 2
DEADLINE: Final = 1.0  # seconds; the kernel answers at once

MILLISECONDS: Final[Mapping[int, int]] = {
    NDTPA_BASE_REACHABLE_TIME: 1000,
    NDTPA_RETRANS_TIME: 200,
    NDTPA_DELAY_PROBE_TIME: 200,
}


def notice_cuts_soon() -> None:
    """Shorten the times of every interface but the loopback."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(DEADLINE)
        netlink.bind((0, 0))
        for index, name in socket.if_nameindex():
            if name != "lo":
                netlink.send(request(index))
                _expect_success(netlink.recv(4096))


def request(interface: int, times: Mapping[int, int] = MILLISECONDS) -> bytes:
    """Encode RTM_SETNEIGHTBL for one interface; ``times`` are milliseconds."""
    parameters = _attribute(NDTPA_IFINDEX, struct.pack("=I", interface))
    for kind, milliseconds in times.items():
        parameters += _attribute(kind, struct.pack("=Q", milliseconds))
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
