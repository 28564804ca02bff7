"""Every main.cf parameter of Postfix 3.7: name, kind, default, who reads it, what it is for.

Defaults, postconf(1), `postfix check` and the reference page in docs/ all come from this one
table. A parameter without a reader is known, so that nobody calls it misspelt, but nothing
here obeys it; setting one earns a warning.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.parameters.table import TABLE


class Kind(enum.Enum):
    """How a value is read, and so which question Config answers about it."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    SIZE = "size"  # a number that need not fit into 32 bits
    SECONDS = "seconds"
    WORDS = "words"
    MAPS = "maps"


class Bounds(NamedTuple):
    """The least and the greatest number, or length of a text; 0 is no bound, as in Postfix."""

    least: int = 0
    greatest: int = 0


class Parameter(NamedTuple):
    """One parameter of postconf(5)."""

    name: str
    kind: Kind
    default: str
    readers: tuple[str, ...]
    doc: str
    bounds: Bounds = Bounds()

    @property
    def unit(self) -> str:
        """The unit of a period that is written without one."""
        return self.default[-1:] if self.default[-1:] in tuple("smhdw") else "s"

    @property
    def is_read(self) -> bool:
        """Whether any program of ours obeys the parameter."""
        return bool(self.readers)


def find(name: str) -> Parameter | None:
    """Return the parameter, also `TRANSPORT_suffix` ones such as relay_recipient_limit."""
    known = PARAMETERS.get(name)
    if known is not None:
        return known
    match = PER_TRANSPORT_NAME.fullmatch(name)
    if match is None:
        return None
    general = PARAMETERS[PER_TRANSPORT[match[2]]]
    return general._replace(name=name, default=f"${general.name}")


class _Table(Mapping[str, Parameter]):
    """The rows by name, each understood when somebody asks for it.

    A program needs some dozens of them; all 800 would take it 4 ms and 300 kB.
    """

    def __init__(self, text: str) -> None:
        rows = text.strip("\n").split("\n")
        self._rows = {row[: row.index(" | ")]: row for row in rows}
        self._known: dict[str, Parameter] = {}

    def __getitem__(self, name: str) -> Parameter:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = _read_row(self._rows[name])
        return known

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _read_row(row: str) -> Parameter:
    name, kind, readers, rest = row.split(" | ", 3)
    default, _, doc = rest.rpartition(" -- ")
    kind, _, bounds = kind.partition(" ")
    return Parameter(
        name, KINDS[kind], default.strip(), tuple(readers.split()), doc, _bounds(bounds)
    )


def _bounds(text: str) -> Bounds:
    """Read `1..`, `..10` or `200..599`."""
    if not text:
        return UNBOUNDED
    least, _, greatest = text.partition("..")
    return Bounds(int(least or 0), int(greatest or 0))


UNBOUNDED: Final = Bounds()
KINDS: Final[Mapping[str, Kind]] = {kind.value: kind for kind in Kind}
PARAMETERS: Final[Mapping[str, Parameter]] = _Table(TABLE)

# postconf(5): "transport_destination_concurrency_limit" and so on; the name of any service of
# master.cf may stand before these, and the general parameter is the default.
PER_TRANSPORT: Final[Mapping[str, str]] = {
    "delivery_slot_cost": "default_delivery_slot_cost",
    "delivery_slot_discount": "default_delivery_slot_discount",
    "delivery_slot_loan": "default_delivery_slot_loan",
    "destination_concurrency_failed_cohort_limit": (
        "default_destination_concurrency_failed_cohort_limit"
    ),
    "destination_concurrency_limit": "default_destination_concurrency_limit",
    "destination_concurrency_negative_feedback": (
        "default_destination_concurrency_negative_feedback"
    ),
    "destination_concurrency_positive_feedback": (
        "default_destination_concurrency_positive_feedback"
    ),
    "destination_rate_delay": "default_destination_rate_delay",
    "destination_recipient_limit": "default_destination_recipient_limit",
    "extra_recipient_limit": "default_extra_recipient_limit",
    "initial_destination_concurrency": "initial_destination_concurrency",
    "minimum_delivery_slots": "default_minimum_delivery_slots",
    "recipient_limit": "default_recipient_limit",
    "recipient_refill_delay": "default_recipient_refill_delay",
    "recipient_refill_limit": "default_recipient_refill_limit",
    "time_limit": "command_time_limit",
    "transport_rate_delay": "default_transport_rate_delay",
}
PER_TRANSPORT_NAME: Final = re.compile(f"(.+?)_({'|'.join(PER_TRANSPORT)})")
