"""In which order the addresses of equally good hosts are tried, and how many of them.

postconf(5) smtp_randomize_addresses, smtp_address_preference, smtp_balance_inet_protocols,
smtp_mx_address_limit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from labctl.node.mta.lib.config.main_cf import Config

T = TypeVar("T")
Shuffle = Callable[[list[str]], None]


def shuffle_at_random(names: list[str]) -> None:
    """Without the module random, whose state every forked process would make anew."""
    names.sort(key=lambda _name: os.urandom(8))


def leave(_names: list[str]) -> None:
    """No shuffling: the order in which the name server answered."""


class Order(NamedTuple):
    """The parameters of one client."""

    shuffle: Shuffle = shuffle_at_random
    preference: str = "any"  # or ipv4, ipv6
    balance: bool = True
    limit: int = 5  # addresses of a destination; 0 for all

    @classmethod
    def of(cls, config: Config, prefix: str) -> Order:
        return cls(
            shuffle_at_random if config.flag(f"{prefix}_randomize_addresses") else leave,
            config.text(f"{prefix}_address_preference"),
            config.flag(f"{prefix}_balance_inet_protocols"),
            config.number(f"{prefix}_mx_address_limit"),
        )

    def shuffled(self, names: Sequence[str]) -> list[str]:
        """Equals in the order in which to try them."""
        result = list(names)
        self.shuffle(result)
        return result

    def preferred(self, addresses: Sequence[str]) -> list[str]:
        """The addresses of one preference, those of the preferred family first."""
        result = self.shuffled(addresses)
        if self.preference in FAMILIES:
            result.sort(key=lambda address: family(address) != self.preference)
        return result

    def limited(self, items: Sequence[T], family_of: Callable[[T], str]) -> list[T]:
        """The first ``limit``, of both families if there are two and neither is preferred."""
        if not self.limit or len(items) <= self.limit:
            return list(items)
        if self.balance and self.preference == "any" and self.limit > 1:
            return _balanced(items, self.limit, family_of)
        return list(items[: self.limit])


def family(address: str) -> str:
    """``ipv4`` or ``ipv6``, as inet_protocols calls them."""
    return "ipv6" if ":" in address else "ipv4"


def _balanced(items: Sequence[T], limit: int, family_of: Callable[[T], str]) -> list[T]:
    """At most half of the places for a family, unless the other leaves some free."""
    share = dict[str, int]()
    counts = {name: sum(family_of(item) == name for item in items) for name in FAMILIES}
    for name, other in zip(FAMILIES, reversed(FAMILIES), strict=True):
        share[name] = limit - min(counts[other], limit // 2)
    kept: list[T] = []
    for item in items:
        if share[family_of(item)] > 0 and len(kept) < limit:
            share[family_of(item)] -= 1
            kept.append(item)
    return kept


FAMILIES: Final = ("ipv4", "ipv6")
