"""Show master.cf: whole entries (-M), single columns (-F), parameters of services (-P)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.commands.postconf.main_cf_report import read_config
from labctl.node.mta.commands.postconf.names import Names, known_names
from labctl.node.mta.commands.postconf.output import INDENT, LINE_LIMIT, warn
from labctl.node.mta.lib.config.logical_lines import LogicalLine
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.master_cf import (
    FLAGS,
    TYPES,
    WAKEUP,
    Service,
    parse,
    read_lines,
    split_columns,
)

Place = int  # the line of master.cf where the entry begins
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
# Where each column of a printed entry starts.
STARTS: Final = (0, 11, 17, 25, 33, 41, 49, 57)


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
    def command(self) -> str:
        """The command with its arguments, as -F shows them."""
        return " ".join(_bare(word) for word in self.words)

    def value(self, field: str) -> str:
        """Return a column by its name."""
        return self.command if field == "command" else self.columns[FIELDS.index(field)]

    def settings(self) -> dict[str, str]:
        """Return what the -o options set."""
        return dict(service_of(self).overrides)


def run(options: Options, directory: str) -> int:
    """Show what was asked for."""
    config = read_config(options, directory)
    entries = read_entries(f"{directory}/master.cf")
    show = _show_fields if options.has("F") else _show_parameters
    show = _show_entries if options.has("M") else show
    found: list[tuple[Place, str]] = []
    for pattern in options.words or ("",):
        rows = list(show(entries, pattern, options))
        if pattern and not rows:
            warn(f'unmatched request: "{pattern}"')
        found += rows
    # The order is that of the file, and within an entry that of the requests.
    for _, line in sorted(found, key=lambda row: row[0]):
        print(line)
    names = known_names(config, [service_of(entry) for entry in entries])
    _warn_unused(config, names, entries)
    return 0


def read_entries(path: str) -> list[Entry]:
    """Read the file; a line that postconf cannot show is fatal."""
    return [parse_entry(line, path) for line in read_lines(path)]


def parse_entry(line: LogicalLine, path: str) -> Entry:
    """Split a line and check its columns."""
    words = split_columns(line.text, f"{path}: line {line.first}")
    if len(words) < len(FIELDS):
        raise Fatal(f"file {path}: line {line.first}: bad field count")
    entry = Entry(tuple(words[:7]), tuple(words[7:]), line)
    for field, value in zip(FIELDS, words[:7], strict=False):
        if field in CHECKS and not CHECKS[field](value):
            raise Fatal(f'invalid {field} field "{value}" in "{line.text}"')
    return entry


def service_of(entry: Entry) -> Service:
    """Read the entry as master(8) does; odd types were refused before."""
    columns = ["n" if entry.columns[1] == "inet" else entry.columns[2], *entry.columns[3:]]
    text = " ".join([*entry.columns[:2], *columns, *entry.words])
    return parse(text, f"line {entry.line.first}", entry.line.first)


def chosen(entries: Iterable[Entry], pattern: list[str]) -> Iterator[Entry]:
    """Yield the entries that `name/type` asks for; `*` and nothing stand for all."""
    name, kind = (*pattern, "", "")[:2]
    for entry in entries:
        if name in ("", "*", entry.key[0]) and kind in ("", "*", entry.key[1]):
            yield entry


def format_entry(entry: Entry, *, fold: bool) -> str:
    """Write an entry in columns; with `fold` each option has a line of its own."""
    line = ""
    for start, column in zip(STARTS, entry.columns, strict=False):
        line = line.ljust(start) if len(line) < start or not line else f"{line} "
        line += column
    line = line.ljust(STARTS[-1]) if len(line) < STARTS[-1] else f"{line} "
    return line + _arguments(entry.words, fold=fold, start=len(line))


def _arguments(words: tuple[str, ...], *, fold: bool, start: int) -> str:
    groups = list(_groups(words))
    if not fold:
        return " ".join(groups)
    text, column = groups[0], start + len(groups[0])
    for group in groups[1:]:
        option = group.startswith("-o ")
        if option or column + 1 + len(group) > LINE_LIMIT:
            text, column = f"{text}\n{INDENT}{group}", len(INDENT) + len(group)
        else:
            text, column = f"{text} {group}", column + 1 + len(group)
    return text


def _groups(words: tuple[str, ...]) -> Iterator[str]:
    """Keep `-o` and its setting together, in the form without needless spaces."""
    rest = iter(words)
    for word in rest:
        if word == "-o":
            yield f"-o {_setting(next(rest, ''))}"
        else:
            yield _bare(word)


def _setting(word: str) -> str:
    if not word.startswith("{"):
        return word
    name, _, value = word[1:-1].partition("=")
    text = f"{name.strip()}={value.strip()}"
    return f"{{{text}}}" if " " in text else text


def _bare(word: str) -> str:
    return word[1:-1].strip() if word.startswith("{") and word.endswith("}") else word


def _show_entries(
    entries: list[Entry], pattern: str, options: Options
) -> Iterator[tuple[Place, str]]:
    parts = pattern.split("/") if pattern else []
    if len(parts) > 2:
        raise Fatal("-M option requires service_name[/type]")
    for entry in chosen(entries, parts):
        yield entry.line.first, format_entry(entry, fold=options.has("f"))


def _show_fields(
    entries: list[Entry], pattern: str, options: Options
) -> Iterator[tuple[Place, str]]:
    parts = pattern.split("/") if pattern else []
    field = parts[2] if len(parts) > 2 else ""
    if field and field != "*" and field not in FIELDS:
        raise Fatal(f'invalid service attribute name: "{field}"')
    for entry in chosen(entries, parts):
        for name in FIELDS:
            if field in ("", "*", name):
                yield entry.line.first, _row(entry, name, entry.value(name), options)


def _show_parameters(
    entries: list[Entry], pattern: str, options: Options
) -> Iterator[tuple[Place, str]]:
    parts = pattern.split("/") if pattern else []
    wanted = parts[2] if len(parts) > 2 else ""
    for entry in chosen(entries, parts):
        for name, value in sorted(entry.settings().items()):
            if wanted in ("", "*", name):
                yield entry.line.first, _row(entry, name, value, options)


def _row(entry: Entry, name: str, value: str, options: Options) -> str:
    label = "/".join([*entry.key, name])
    if options.has("H"):
        return label
    return value if options.has("h") else f"{label} = {value}"


def _warn_unused(config: Config, names: Names, entries: Iterable[Entry]) -> None:
    for entry in entries:
        for name, value in entry.settings().items():
            if not names.knows(name):
                warn(f"{config.directory}/master.cf: unused parameter: {name}={value}")


CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "type": lambda text: text in TYPES,
    "private": lambda text: text in FLAGS,
    "unprivileged": lambda text: text in FLAGS,
    "chroot": lambda text: text in FLAGS,
    "wakeup": lambda text: text == "-" or WAKEUP.fullmatch(text) is not None,
    "process_limit": lambda text: text == "-" or text.isdigit(),
}
