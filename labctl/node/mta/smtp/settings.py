"""What main.cf says to smtp(8) and lmtp(8), read once per process."""

from __future__ import annotations

import os
import socket
from typing import Final, NamedTuple

from labctl.node.base import sockets
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtp.hosts import Host
from labctl.node.mta.smtp.session import Manners
from labctl.node.mta.smtp.transaction import Timeouts


class Settings(NamedTuple):
    """The parameters of one agent; ``prefix`` tells smtp_ from lmtp_."""

    lmtp: bool
    queue_directory: str
    manners: Manners
    timeouts: Timeouts
    connect_timeout: float
    bind_address: str
    bind_address6: str
    fallbacks: tuple[str, ...]
    address_limit: int
    session_limit: int
    loop_port: int
    line_limit: int
    xforward: bool

    @classmethod
    def of(cls, config: Config, *, lmtp: bool) -> Settings:
        prefix = "lmtp" if lmtp else "smtp"
        return cls(
            lmtp=lmtp,
            queue_directory=config.text("queue_directory"),
            manners=Manners.of(config, lmtp=lmtp),
            timeouts=_timeouts(config, prefix),
            # lmtp_connect_timeout = 0 leaves it to the kernel.
            connect_timeout=config.seconds(f"{prefix}_connect_timeout") or KERNEL_PATIENCE,
            bind_address=config.text(f"{prefix}_bind_address"),
            bind_address6=config.text(f"{prefix}_bind_address6"),
            fallbacks=() if lmtp else config.words("smtp_fallback_relay"),
            address_limit=config.number(f"{prefix}_mx_address_limit"),
            session_limit=config.number(f"{prefix}_mx_session_limit"),
            loop_port=sockets.port_number("smtp"),
            line_limit=config.number(f"{prefix}_line_length_limit"),
            xforward=config.flag(f"{prefix}_send_xforward_command"),
        )

    def connect(self, host: Host) -> socket.socket:
        """A connection to one address, from the address that main.cf prefers."""
        if host.is_local_socket:
            # lmtp(8): a relative path is below the queue directory.
            path = os.path.join(self.queue_directory, host.address)
            return sockets.connect_unix(path, timeout=self.connect_timeout)
        source = self.bind_address6 if ":" in host.address else self.bind_address
        return sockets.connect_inet(
            host.address, host.port, timeout=self.connect_timeout, source=source
        )


KERNEL_PATIENCE: Final = 130.0


def _timeouts(config: Config, prefix: str) -> Timeouts:
    return Timeouts(
        **{name: config.seconds(f"{prefix}_{name}_timeout") for name in Timeouts._fields}
    )
