"""The table of qshape(1): how many addresses of a domain have waited how long.

INPUT AND OUTPUT
    ``Shape`` collects (domain, age); ``table()`` are the lines, widest column last, with the
    busiest domains first.  With ``parents`` a domain stands under its parent, which has a line
    of its own (``.far.test``) when enough of its subdomains are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

WIDTH: Final = 80
Counts = list[int]


class Buckets(NamedTuple):
    """The ages that have a column, in minutes."""

    columns: int = 10
    first: int = 5
    linear: bool = False

    @property
    def limits(self) -> tuple[int, ...]:
        """The upper ends of all but the last."""
        steps = range(1, self.columns)
        return tuple(self.first * (n if self.linear else 2 ** (n - 1)) for n in steps)

    @property
    def headings(self) -> tuple[str, ...]:
        """What stands above the columns."""
        limits = self.limits
        return ("T", *map(str, limits), f"{limits[-1] if limits else 0}+")

    def column(self, minutes: float) -> int:
        """In which column an age belongs; column 0 is the sum."""
        return 1 + sum(minutes >= limit for limit in self.limits)


@dataclass
class Shape:
    """Domains and their counts, as a tree of labels from the right."""

    buckets: Buckets
    root: _Domain = field(init=False)

    def __post_init__(self) -> None:
        self.root = _Domain("", self._nothing())

    def add(self, domain: str, minutes: float) -> None:
        """One more address."""
        node = self.root
        column = self.buckets.column(minutes)
        labels = domain.split(".")
        for depth in range(len(labels)):
            name = ".".join(labels[len(labels) - depth - 1 :])
            node.below = node.below or {}
            node = node.below.setdefault(name, _Domain(name, self._nothing()))
        node.counts[0] += 1
        node.counts[column] += 1

    def table(self, *, parents: bool = False, fewest: int = 5, width: int = WIDTH) -> list[str]:
        """Heading, sum, and a line for each domain."""
        if parents:
            rows = [row for domain in _busiest(self.root) for row in _family(domain, fewest)]
        else:
            found = [domain for domain in _all(self.root) if domain.counts[0]]
            ordered = sorted(found, key=lambda domain: -domain.counts[0])
            rows = [(domain.name, domain.counts) for domain in ordered]
        total = ("TOTAL", _sum(self.root, self._nothing()))
        return _lines(self.buckets.headings, [total, *rows], max(width, WIDTH))

    def _nothing(self) -> Counts:
        return [0] * (self.buckets.columns + 1)


@dataclass
class _Domain:
    name: str
    counts: Counts  # of addresses in exactly this domain
    below: dict[str, _Domain] = field(default_factory=dict)

    @property
    def is_top_level(self) -> bool:
        return "." not in self.name


Row = tuple[str, Counts]


def _family(domain: _Domain, fewest: int) -> Iterator[Row]:
    """The domain and those below it; the parent's own line says what is below it only."""
    children = [row for child in _busiest(domain) for row in _family(child, fewest)]
    below = [one for child in domain.below.values() for one in _all(child) if one.counts[0]]
    if not domain.is_top_level and len(below) >= fewest:
        counts = [sum(column) for column in zip(*(one.counts for one in below), strict=True)]
        yield f".{domain.name}", counts
    if domain.counts[0]:
        yield domain.name, domain.counts
    yield from children


def _busiest(domain: _Domain) -> list[_Domain]:
    nothing = [0] * len(domain.counts)
    return sorted(domain.below.values(), key=lambda child: -_sum(child, nothing)[0])


def _all(domain: _Domain) -> Iterator[_Domain]:
    yield domain
    for child in domain.below.values():
        yield from _all(child)


def _sum(domain: _Domain, start: Counts) -> Counts:
    counts = [sum(column) for column in zip(start, domain.counts, strict=True)]
    for child in domain.below.values():
        counts = _sum(child, counts)
    return counts


def _lines(headings: Sequence[str], rows: Sequence[Row], width: int) -> list[str]:
    # The sum is the largest of each column.
    widths = [
        max(2, len(heading), len(str(most))) + 1
        for heading, most in zip(headings, rows[0][1], strict=True)
    ]
    room = width - sum(widths)
    cells = [("", headings), *((name, [str(count) for count in row]) for name, row in rows)]
    return [
        f"{name:>{room}}" + "".join(f"{c:>{w}}" for c, w in zip(row, widths, strict=True))
        for name, row in cells
    ]
