"""Lists of hosts and networks: mynetworks, smtpd_authorized_xclient_hosts and the like.

INPUT AND OUTPUT
    ``HostList(words, open_table)`` compiles a list of patterns; ``matches(name, address)``
    says whether the client is in it.  postconf(5) mynetworks describes the patterns:
    addresses, networks, ``!pattern``, ``/file/name``, ``type:table``; names and ``.domain``
    where the list may hold names.

BUGS
    A file is read once, when the list is compiled.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.maps import Maps
from labctl.node.wire import hostnames

Matcher = Callable[[str, str], bool]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Pattern(NamedTuple):
    """One element; ``wanted`` is false behind an exclamation mark."""

    wanted: bool
    matches: Matcher


class HostList:
    """Patterns in their order: the first that matches decides."""

    def __init__(self, words: Iterable[str], open_table: Callable[[str], Maps]) -> None:
        self._patterns = [_pattern(word, open_table) for word in _read_files(words)]

    def matches(self, name: str, address: str) -> bool:
        """Whether a host with this verified name and this address is in the list."""
        for pattern in self._patterns:
            if pattern.matches(name, address):
                return pattern.wanted
        return False


def _read_files(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        bare = word.lstrip("!")
        if bare.startswith("/"):
            with open(bare, encoding="utf-8") as lines:
                inside = split_words("\n".join(line.partition("#")[0] for line in lines))
            negation = "!" if word.startswith("!") else ""
            yield from (negation + each for each in _read_files(inside))
        else:
            yield word


def _pattern(word: str, open_table: Callable[[str], Maps]) -> Pattern:
    wanted = not word.startswith("!")
    bare = word.lstrip("!")
    network = _network(bare)
    if network is not None:
        return Pattern(wanted, partial(_in_network, network))
    if ":" in bare and not bare.startswith("["):
        return Pattern(wanted, partial(_in_table, open_table(bare)))
    return Pattern(wanted, partial(_is_named, bare.lower()))


def _network(text: str) -> Network | None:
    """``198.18.0.0/15``, ``[2001:db8::]/32``, a single address; None for a name."""
    try:
        network = ipaddress.ip_network(text.replace("[", "").replace("]", ""))
    except ValueError:
        return None
    # [::ffff:127.0.0.0]/104 is what an IPv6 socket calls 127.0.0.0/8.
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= MAPPED_BITS:
        return ipaddress.ip_network((mapped, network.prefixlen - MAPPED_BITS))
    return network


def _in_network(network: Network, _name: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


def _in_table(table: Maps, name: str, address: str) -> bool:
    keys = [name.lower(), *hostnames.parents(name.lower()), address]
    return any(table.lookup(key, partial=key not in (name, address)) for key in keys)


def _is_named(pattern: str, name: str, _address: str) -> bool:
    name = name.lower()
    if pattern.startswith("."):
        return name.endswith(pattern)
    return name == pattern


MAPPED_BITS: Final = 96
