"""One line of master.cf as postconf(1) reads it: seven columns, and a command with arguments.

postconf is more lenient than master(8) with options and stricter with columns, and has words
of its own for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.logical_lines import LogicalLine
from labctl.node.mta.lib.config.master_cf import (
    FLAGS,
    TYPES,
    WAKEUP,
    read_lines,
    split_columns,
)

FIELDS: Final = (
    "service",
    "type",
    "private",
    "unprivileged",
    "chroot",
    "wakeup",
    "process_limit",
    "command",
)


class Entry(NamedTuple):
    """One line of master.cf: the seven columns, and the command with its arguments."""

    columns: tuple[str, ...]
    words: tuple[str, ...]
    line: LogicalLine

    @property
    def key(self) -> tuple[str, str]:
        """Name and type."""
        return self.columns[0], self.columns[1]

    @property
    def program(self) -> str:
        """The program, without its arguments."""
        return self.words[0]

    def settings(self) -> dict[str, str]:
        """Return what the -o options set; an option that sets nothing is passed over."""
        pairs = (setting.partition("=") for setting in _overrides(self.words[1:]))
        return {name.strip(): value.strip() for name, equals, value in pairs if equals and name}


def read_entries(path: str) -> list[Entry]:
    """Read the file; a line that postconf cannot show is fatal."""
    return [parse_entry(line, path) for line in read_lines(path)]


def parse_entry(line: LogicalLine, path: str) -> Entry:
    """Split a line and check its columns."""
    words = split_columns(line.text, f"{path}: line {line.first}")
    if len(words) < len(FIELDS):
        raise Fatal(f"file {path}: line {line.first}: bad field count")
    for field, value in zip(FIELDS, words[:7], strict=False):
        check_field(field, value, line.text)
    return Entry(tuple(words[:7]), tuple(words[7:]), line)


def check_field(field: str, value: str, text: str) -> None:
    """Refuse a column that cannot be; ``text`` is where it stands."""
    if field in CHECKS and not CHECKS[field](value):
        raise Fatal(f'invalid {field} field "{value}" in "{text}"')


def bare(word: str) -> str:
    """Take the braces off a word."""
    return word[1:-1].strip() if word.startswith("{") and word.endswith("}") else word


def _overrides(words: tuple[str, ...]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if bare(word) == "-o":
            yield bare(next(rest, ""))
        elif word.startswith("-o"):
            yield bare(word[2:])


CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "type": lambda text: text in TYPES,
    "private": lambda text: text in FLAGS,
    "unprivileged": lambda text: text in FLAGS,
    "chroot": lambda text: text in FLAGS,
    "wakeup": lambda text: text == "-" or WAKEUP.fullmatch(text) is not None,
    "process_limit": lambda text: text == "-" or text.isdigit(),
}
