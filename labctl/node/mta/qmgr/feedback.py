"""How many deliveries at a time a destination gets: more while it answers, fewer when it fails.

postconf(5) default_destination_concurrency_*: pure arithmetic on a ``Window``; the scheduler
keeps one for each destination.

STATES
    alive: ``size`` deliveries may run at once.  dead: size 0, nothing is tried until somebody
    sets a new window (a timer, or a flush).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

Amount = Callable[[int], float]


class Limits(NamedTuple):
    """The concurrency parameters of one transport."""

    initial: int = 5
    maximum: int = 20  # 0: no limit
    positive: Amount = lambda _size: 1.0
    negative: Amount = lambda _size: 1.0
    failed_cohorts: float = 1.0  # 0: never declared dead


class Window(NamedTuple):
    """The state of one destination."""

    size: int
    success: float = 0.0  # credit towards one more
    failure: float = 0.0  # what is left before one less
    cohorts: float = 0.0  # windows' worth of failures in a row

    @property
    def is_dead(self) -> bool:
        return self.size == 0


def after_success(window: Window, busy: int, limits: Limits) -> Window:
    """The destination answered, whatever it said about the recipients."""
    if window.is_dead:
        # Deliveries were still under way when it was given up: as many as those may go on.
        return Window(busy or limits.initial)
    window = window._replace(cohorts=0.0)
    # Far above what really runs, the window would not feel the first failures.
    if window.size >= busy + limits.initial or 0 < limits.maximum <= window.size:
        return window
    amount = limits.positive(window.size)
    credit, size, failure = window.success + amount, window.size, window.failure
    while credit + amount / 2 >= 1:
        credit, size, failure = credit - 1, size + 1, 0.0
    size = min(size, limits.maximum) if limits.maximum else size
    return window._replace(size=size, success=credit, failure=failure)


def after_failure(window: Window, limits: Limits) -> Window:
    """No connection, or no greeting: the destination itself failed."""
    if window.is_dead:
        return window
    cohorts = window.cohorts + 1 / window.size
    if 0 < limits.failed_cohorts <= cohorts:
        return Window(0)
    amount = limits.negative(window.size)
    debt, size, success = window.failure - amount, window.size, window.success
    while debt - amount / 2 < 0:
        debt, size, success = debt + 1, size - 1, 0.0
    return Window(max(size, 1), success, debt, cohorts)


def parse_amount(text: str) -> Amount:
    """``1``, ``0.5``, ``1/concurrency`` or ``1/sqrt_concurrency``; ValueError for others."""
    number, slash, divisor = text.partition("/")
    value = float(number)
    if not 0 < value <= 1:
        raise ValueError(f"feedback {text!r} is not between 0 and 1")
    divide = DIVISORS[divisor.strip()] if slash else DIVISORS["1"]
    return lambda size: value / divide(size)


DIVISORS: Final[Mapping[str, Callable[[int], float]]] = {
    "1": lambda _size: 1.0,
    "concurrency": lambda size: float(size),
    "sqrt_concurrency": lambda size: float(size) ** 0.5,
}
