"""Address classes: whose domain it is, in the order of ADDRESS_CLASS_README."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from typing import Final

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.lib.maps.match_list import MatchList, domain_list
from labctl.node.mta.lib.services.rewrite import ResolveFlag
from labctl.node.mta.rewrite import literals


class TableFailure(Exception):
    """A table of main.cf cannot be asked now: the mail has to wait."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Whatever fails inside is the fault of this parameter."""
    try:
        yield
    except MapError as error:
        raise TableFailure(name) from error


class Domains:
    """The lists of main.cf, opened once; raises TableFailure when one cannot be read now."""

    def __init__(self, config: Config) -> None:
        self.lists: dict[str, MatchList] = {
            name: domain_list(config, name)
            for name in (
                "mydestination",
                "virtual_alias_domains",
                "virtual_mailbox_domains",
                "relay_domains",
            )
        }
        self._addresses = own_addresses(config)

    def is_local(self, domain: str) -> bool:
        """postconf(5) mydestination, and [address] with an address of ours."""
        if domain.startswith("["):
            return domain.strip("[]").lower().removeprefix("ipv6:") in self._addresses
        return self._has(domain, "mydestination")

    def class_of(self, domain: str) -> ResolveFlag:
        """The class of a domain that is not local."""
        for name, flag in CLASSES:
            if self._has(domain, name):
                return flag
        return ResolveFlag.DEFAULT

    def conflicts(self, domain: str) -> list[tuple[str, str]]:
        """Pairs of parameters that both claim the domain, which helps nobody."""
        if self.is_local(domain):
            names = ["virtual_alias_domains", "virtual_mailbox_domains"]
            return [("mydestination", name) for name in names if self._has(domain, name)]
        if not self._has(domain, "virtual_alias_domains"):
            pair = ("virtual_mailbox_domains", "relay_domains")
            return [pair] if all(self._has(domain, name) for name in pair) else []
        names = ["virtual_mailbox_domains", "relay_domains"]
        return [("virtual_alias_domains", name) for name in names if self._has(domain, name)]

    def _has(self, domain: str, name: str) -> bool:
        with reading(name):
            return domain in self.lists[name]


def is_valid_domain(domain: str) -> bool:
    """A host name, or an address in brackets; a bare address is neither."""
    if domain.startswith("["):
        return domain.endswith("]") and not literals.complaint(domain)
    return HOSTNAME.fullmatch(domain) is not None and not NUMBERS.fullmatch(domain)


def is_address(domain: str) -> bool:
    """An address that lacks its brackets: postconf(5) resolve_numeric_domain."""
    try:
        socket.inet_pton(socket.AF_INET, domain)
    except OSError:
        return False
    return True


CLASSES = (
    ("virtual_alias_domains", ResolveFlag.ALIAS),
    ("virtual_mailbox_domains", ResolveFlag.VIRTUAL),
    ("relay_domains", ResolveFlag.RELAY),
)
# RFC 1123 2.1, with the underscores that people use, and UTF-8 of RFC 6531.
HOSTNAME: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*")
NUMBERS: Final = re.compile(r"[\d.]+|[\da-fA-F:]*:[\da-fA-F:]*")
