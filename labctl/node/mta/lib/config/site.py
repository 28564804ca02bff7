"""What this machine is called and which networks it trusts, where main.cf does not say.

postconf(5) myhostname, mydomain and mynetworks: their defaults are computed, not written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.own_addresses import listening_addresses

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


def default_hostname(config: Config) -> str:
    """Return the host's name, made fully qualified with mydomain."""
    name = os.uname().nodename
    if "." in name:
        return name
    domain = config.text("mydomain") if config.is_set("mydomain") else "localdomain"
    return f"{name}.{domain}"


def default_domain(config: Config) -> str:
    """Return myhostname without its first label."""
    return config.text("myhostname").partition(".")[2] or "localdomain"


def default_networks(config: Config) -> str:
    """Return the networks that mynetworks_style asks for, of the addresses we listen on."""
    style = config.text("mynetworks_style")
    if style not in NETWORKS:
        raise Fatal(f'unknown mynetworks mask style value "{style}" in "{style}"')
    networks = (NETWORKS[style](own.address, own.prefix) for own in listening_addresses(config))
    return " ".join(dict.fromkeys(networks))


def _host(address: str, prefix: int) -> str:
    return f"[{address}]/128" if ":" in address else f"{address}/32"


def _subnet(address: str, prefix: int) -> str:
    from ipaddress import ip_interface  # costs some ms, and few main.cf need it

    network = ip_interface(f"{address}/{prefix}").network
    address = str(network.network_address)
    return f"[{address}]/{prefix}" if ":" in address else f"{address}/{prefix}"


def _class(address: str, prefix: int) -> str:
    # RFC 791 3.2: the first bits of an address told how long its network part is.
    first = int(address.partition(".")[0]) if ":" not in address else 0
    by_class = 8 if first < 128 else 16 if first < 192 else 24
    return _subnet(address, prefix if ":" in address else by_class)


NETWORKS: Final[Mapping[str, Callable[[str, int], str]]] = {
    "host": _host,
    "subnet": _subnet,
    "class": _class,
}
DEFAULTS: Final[Mapping[str, Callable[[Config], str]]] = {
    "myhostname": default_hostname,
    "mydomain": default_domain,
    "mynetworks": default_networks,
    "process_id": lambda config: str(os.getpid()),
}
