"""What is kept, under which label, until when.

INPUT AND OUTPUT
    ``put()`` keeps an item; ``take()`` gives out the one that was put last, because it has
    the longest time to live; ``expire()`` gives out those whose time is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Item(NamedTuple):
    """A value, the descriptor that belongs to it (-1: none), and when it is too old."""

    value: str
    descriptor: int
    expires: float


@dataclass
class Shelf:
    """All items of one kind."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    hits: int = 0
    misses: int = 0
    most: int = 0  # items at the same time

    def put(self, label: str, item: Item) -> None:
        self.items.setdefault(label, []).append(item)
        self.most = max(self.most, self.count)

    def take(self, label: str, now: float) -> Item | None:
        """The youngest item of this label, if it is not too old."""
        found = self.items.get(label, [])
        if not found or found[-1].expires <= now:
            self.misses += 1
            return None
        self.hits += 1
        item = found.pop()
        if not found:
            del self.items[label]
        return item

    def expire(self, now: float) -> list[Item]:
        """Take out everything that is too old."""
        gone: list[Item] = []
        for label, items in list(self.items.items()):
            gone += [item for item in items if item.expires <= now]
            if kept := [item for item in items if item.expires > now]:
                self.items[label] = kept
            else:
                del self.items[label]
        return gone

    @property
    def count(self) -> int:
        return sum(map(len, self.items.values()))
