"""A connection to one address, from the address that main.cf prefers.

postconf(5) smtp_bind_address: where the system refuses it, mail goes out from another address,
with a warning, unless smtp_bind_address_enforce = yes.
"""

from __future__ import annotations

import os
import socket
from typing import Final, NamedTuple

from labctl.node.base import sockets
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.own_addresses import listening_addresses
from labctl.node.mta.smtp.hosts.finder import Host

KERNEL_PATIENCE: Final = 130.0


class CannotBind(Exception):
    """The address to come from is not ours, and no other may be taken."""


class Connector(NamedTuple):
    """How this agent connects."""

    queue_directory: str
    timeout: float
    sources: dict[str, str]  # by family: where connections come from
    enforce: bool
    log: Log

    @classmethod
    def of(cls, config: Config, prefix: str, log: Log) -> Connector:
        named = {
            "ipv4": config.text(f"{prefix}_bind_address"),
            "ipv6": config.text(f"{prefix}_bind_address6"),
        }
        return cls(
            config.text("queue_directory"),
            # lmtp_connect_timeout = 0 leaves it to the kernel.
            config.seconds(f"{prefix}_connect_timeout") or KERNEL_PATIENCE,
            {family: named[family] or _only_address(config, family) for family in named},
            config.flag(f"{prefix}_bind_address_enforce"),
            log,
        )

    def connect(self, host: Host) -> socket.socket:
        """Raises OSError, or CannotBind."""
        if host.is_local_socket:
            # lmtp(8): a relative path is below the queue directory.
            path = os.path.join(self.queue_directory, host.address)
            return sockets.connect_unix(path, timeout=self.timeout)
        family = "ipv6" if ":" in host.address else "ipv4"
        source = self._usable(self.sources[family])
        return sockets.connect_inet(
            host.address, host.port, timeout=self.timeout, source=source
        )

    def _usable(self, source: str) -> str:
        if not source:
            return ""
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as trial:
                trial.bind((source, 0))
        except OSError as error:
            self.log.warning(f"smtp_connect_addr: bind {source}: {error.strerror}")
            if self.enforce:
                raise CannotBind from None
            return ""
        return source


def _only_address(config: Config, family: str) -> str:
    """postconf(5) smtp_bind_address: one single inet_interfaces address is used for sending."""
    if config.words("inet_interfaces") in (("all",), ("loopback-only",)):
        return ""
    own = listening_addresses(config)
    if len(own) != 1 or own[0].family != family or own[0].is_loopback:
        return ""
    return own[0].address
