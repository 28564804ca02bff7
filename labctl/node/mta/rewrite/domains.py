"""Address classes: whose domain it is, in the order of ADDRESS_CLASS_README."""

from __future__ import annotations

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.lib.maps.match_list import MatchList, domain_list
from labctl.node.mta.lib.services.rewrite import ResolveFlag


class Domains:
    """The lists of main.cf, opened once; raises MapError when one cannot be read now."""

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
        return domain in self.lists["mydestination"]

    def class_of(self, domain: str) -> ResolveFlag:
        """The class of a domain that is not local."""
        for name, flag in CLASSES:
            if domain in self.lists[name]:
                return flag
        return ResolveFlag.DEFAULT

    def conflicts(self, domain: str) -> list[tuple[str, str]]:
        """Pairs of parameters that both claim the domain, which helps nobody."""
        if self.is_local(domain):
            names = ["virtual_alias_domains", "virtual_mailbox_domains"]
            return [("mydestination", name) for name in names if domain in self.lists[name]]
        if domain not in self.lists["virtual_alias_domains"]:
            both = self._has(domain, "virtual_mailbox_domains", "relay_domains")
            return [("virtual_mailbox_domains", "relay_domains")] if both else []
        names = ["virtual_mailbox_domains", "relay_domains"]
        return [("virtual_alias_domains", name) for name in names if domain in self.lists[name]]

    def _has(self, domain: str, *names: str) -> bool:
        return all(domain in self.lists[name] for name in names)


CLASSES = (
    ("virtual_alias_domains", ResolveFlag.ALIAS),
    ("virtual_mailbox_domains", ResolveFlag.VIRTUAL),
    ("relay_domains", ResolveFlag.RELAY),
)
