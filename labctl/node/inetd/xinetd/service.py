"""One service of xinetd: its attributes, its listener, and who is being served."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import sockets
from labctl.node.inetd import listening
from labctl.node.inetd.xinetd.config import Attributes, service_id
from labctl.node.inetd.xinetd.limits import Limits, limits_of
from labctl.node.inetd.xinetd.log import ServiceLog


@dataclass(slots=True)
class Client:
    """One that is being served."""

    address: str
    since: float


@dataclass(slots=True)
class Service:
    """What the configuration says of a service, and what has become of it."""

    name: str
    attributes: Attributes
    log: ServiceLog
    limits: Limits = field(init=False)
    listener: socket.socket | None = None
    clients: dict[int, Client] = field(default_factory=dict)
    second: float = 0.0  # when the present second of cps began
    arrivals: int = 0

    def __post_init__(self) -> None:
        self.limits = limits_of(self.attributes)

    @property
    def id(self) -> str:
        return service_id(self.name, self.attributes)

    def reconfigure(self, attributes: Attributes, log: ServiceLog) -> None:
        """Clients and listener stay."""
        self.attributes, self.limits, self.log = attributes, limits_of(attributes), log

    def word(self, name: str, default: str = "") -> str:
        return (self.attributes.get(name) or [default])[0]

    def words(self, name: str) -> Sequence[str]:
        return self.attributes.get(name, ())

    @property
    def is_stream(self) -> bool:
        return self.word("socket_type", "stream") == "stream"

    @property
    def waits(self) -> bool:
        return self.word("wait") == "yes"

    @property
    def internal(self) -> bool:
        return "INTERNAL" in self.words("type")

    @property
    def running(self) -> list[str]:
        return [client.address for client in self.clients.values()]

    def listen(self) -> None:
        """Open the listener; OSError when the address cannot be had."""
        kind = self.word("socket_type", "stream")
        protocol = self.word("protocol", "tcp" if self.is_stream else "udp")
        port = sockets.port_number(self.word("port", self.name), protocol)
        address = self.word("bind", self.word("interface"))
        if address:
            self.listener = listening.listen(kind, address, port)
            return
        try:
            self.listener = listening.listen(kind, "::", port, dual=True)
        except OSError as error:
            if error.errno not in NO_IPV6:
                raise
            self.listener = listening.listen(kind, "0.0.0.0", port)

    def too_fast(self, now: float) -> bool:
        """xinetd.conf(5) cps: whether this client is one too many in this second."""
        if now - self.second >= 1.0:
            self.second, self.arrivals = now, 0
        self.arrivals += 1
        return self.arrivals > self.limits.cps


# What a machine without IPv6 says.
NO_IPV6: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
