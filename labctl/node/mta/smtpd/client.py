"""Who is at the other end of the connection, and by which name we believe them.

INPUT AND OUTPUT
    ``of_connection(socket)`` -> Client.  XCLIENT makes another one; nothing changes in place.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.base.sockets import PeerName

UNKNOWN: Final = "unknown"
OK, TEMPORARY, PERMANENT = 2, 4, 5  # first digits of RFC 3463 status codes


class Client(NamedTuple):
    """The peer: verified name, claimed name, address; and our own end."""

    address: str
    port: str = UNKNOWN
    name: str = UNKNOWN
    reverse_name: str = UNKNOWN
    name_status: int = PERMANENT
    reverse_name_status: int = PERMANENT
    server_address: str = UNKNOWN
    server_port: str = UNKNOWN
    shows_port: bool = False  # postconf(5) smtpd_client_port_logging

    @property
    def namaddr(self) -> str:
        """``name[address]``, as log lines and refusals show the client."""
        port = f":{self.port}" if self.shows_port else ""
        return f"{self.name}[{self.address}]{port}"

    @property
    def is_ipv6(self) -> bool:
        """RFC 5321 4.1.3: such an address is tagged in trace headers."""
        return ":" in self.address


def of_connection(
    connection: socket.socket, log: Log, find_name: Callable[[str], PeerName] | None
) -> Client:
    """The client of a connected socket; without ``find_name`` nobody's name is looked up."""
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return Client("127.0.0.1", "0", "localhost", "localhost", OK, OK)
    address, port = connection.getpeername()[:2]
    server_address, server_port = connection.getsockname()[:2]
    ends = (_plain(address), str(port))
    here = (_plain(server_address), str(server_port))
    if find_name is None:
        return Client(*ends, server_address=here[0], server_port=here[1])
    peer = find_name(ends[0])
    trouble = TEMPORARY if peer.temporary else PERMANENT
    if peer.reverse and not peer.name:
        log.warning(f"hostname {peer.reverse} does not resolve to address {ends[0]}")
    return Client(
        *ends,
        peer.name or UNKNOWN,
        peer.reverse or UNKNOWN,
        OK if peer.name else trouble,
        OK if peer.reverse else trouble,
        *here,
    )


def _plain(address: str) -> str:
    """An IPv4 client of an IPv6 socket is an IPv4 client."""
    return address.removeprefix("::ffff:") if "." in address else address
