"""The sockets of a service, as master(5) describes them by name and type."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from labctl.node.base import accounts, privileges, sockets
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.master_cf import Service
from labctl.node.mta.lib.config.own_addresses import FAMILIES, listening_addresses
from labctl.node.mta.lib.services import ipc

ANY: Final[Mapping[str, str]] = {"ipv4": "0.0.0.0", "ipv6": "::"}
LOOPBACK: Final = ("127.", "::1")


def open_listeners(service: Service, config: Config) -> list[socket.socket]:
    """Bind all sockets of a service; a socket that cannot be had stops the mail system."""
    return OPENERS[service.type](service, config)


def unix_path(service: Service, config: Config) -> str:
    """private/NAME or public/NAME below the queue directory."""
    return ipc.service_path(config, "private" if service.private else "public", service.name)


def shown(service: Service) -> str:
    """The name of a service's socket in messages."""
    return f"{'private' if service.private else 'public'}/{service.name}"


def address(service: Service) -> str:
    """Where clients find a service: a socket by its name, a port by its number."""
    if service.type != "inet":
        return shown(service)
    host, port = sockets.parse_endpoint(service.name)
    number = sockets.port_number(port)
    return f"[{host}]:{number}" if host else str(number)


def _open_inet(service: Service, config: Config) -> list[socket.socket]:
    if service.private:
        raise Fatal(f"{where(service, config)}: private inet service not supported")
    endpoint = sockets.parse_endpoint(service.name)
    try:
        port = sockets.port_number(endpoint.port)
    except ValueError:
        host = endpoint.host or "*"
        raise Fatal(
            f"{where(service, config)}: host/service {host}/{endpoint.port} not found: "
            "Servname not supported for ai_socktype"
        ) from None
    addresses = list(_addresses(endpoint.host, service, config))
    return [_bind(address, port) for address in addresses]


def _addresses(host: str, service: Service, config: Config) -> Iterator[str]:
    wanted = _families(config)
    if host:
        yield from (address for address in _resolve(host, service, config, wanted))
    elif config.words("inet_interfaces") == ("all",):
        # One socket per family for every address, of interfaces to come too.
        yield from (ANY[family] for family in wanted if _is_supported(family))
    else:
        yield from (own.address for own in listening_addresses(config))


def _families(config: Config) -> tuple[str, ...]:
    words = config.words("inet_protocols")
    return FAMILIES if "all" in words else words


def _is_supported(family: str) -> bool:
    # A kernel without IPv6 must not stop "inet_protocols = all".
    return family == "ipv4" or os.path.exists("/proc/net/if_inet6")


def _resolve(host: str, service: Service, config: Config, wanted: tuple[str, ...]) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        name = sockets.parse_endpoint(service.name)
        raise Fatal(
            f"{where(service, config)}: host/service {name.host}/{name.port} not found: "
            f"{error.strerror}"
        ) from error
    addresses = dict.fromkeys(str(item[4][0]) for item in found)
    return [each for each in addresses if ("ipv6" if ":" in each else "ipv4") in wanted]


def is_local(service: Service, opened: Iterable[socket.socket]) -> bool:
    """Whether only this machine can reach the service."""
    return service.type != "inet" or all(
        listener.getsockname()[0].startswith(LOOPBACK) for listener in opened
    )


def _bind(address: str, port: int) -> socket.socket:
    try:
        return sockets.listen_inet(address, port)
    except OSError as error:
        raise Fatal(f"bind {address} port {port}: {error.strerror}") from error


def _open_unix(service: Service, config: Config) -> list[socket.socket]:
    return [_own(unix_path(service, config), config, datagrams=False)]


def _open_datagrams(service: Service, config: Config) -> list[socket.socket]:
    return [_own(unix_path(service, config), config, datagrams=True)]


def _own(path: str, config: Config, *, datagrams: bool) -> socket.socket:
    """A local socket that belongs to the mail system; private/ itself keeps others out."""
    try:
        listener = sockets.listen_unix(path, datagrams=datagrams)
    except OSError as error:
        raise Fatal(f"bind: {path}: {error.strerror}") from error
    owner = accounts.by_name(config.text("mail_owner"))
    if owner is not None:
        privileges.give(path, owner.uid, -1)
    return listener


def where(service: Service, config: Config) -> str:
    """The place in master.cf, for messages."""
    return f"{config.directory}/master.cf: line {service.line}"


OPENERS: Final[Mapping[str, Callable[[Service, Config], list[socket.socket]]]] = {
    "inet": _open_inet,
    "unix": _open_unix,
    "unix-dgram": _open_datagrams,
    "fifo": _open_unix,  # nobody but our own programs ever writes there
    "pass": _open_unix,
}
