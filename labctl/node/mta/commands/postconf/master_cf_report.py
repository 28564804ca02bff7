"""Show master.cf: whole entries (-M), single columns (-F), parameters of services (-P)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.commands.postconf.main_cf_report import expanded, read_config
from labctl.node.mta.commands.postconf.master_cf_entry import (
    FIELDS,
    Entry,
    bare,
    read_entries,
)
from labctl.node.mta.commands.postconf.names import Names, known_names
from labctl.node.mta.commands.postconf.output import INDENT, LINE_LIMIT, warn
from labctl.node.mta.lib.config.main_cf import Config

Place = int  # the line of master.cf where the entry begins
# Where each column of a printed entry starts.
STARTS: Final = (0, 11, 17, 25, 33, 41, 49, 57)


def run(options: Options, directory: str) -> int:
    """Show what was asked for."""
    config = read_config(options, directory)
    entries = read_entries(f"{directory}/master.cf")
    names = known_names(config, entries)
    if options.has("x"):
        entries = [_expanded(entry, config) for entry in entries]
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
    sys.stdout.flush()
    _warn_unused(config, names, entries)
    return 0


def _expanded(entry: Entry, config: Config) -> Entry:
    """Put the values of its own settings into an entry, as the service would see them."""
    name, program = entry.key[0], entry.program
    own = {**entry.settings(), "service_name": name, "process_name": program}

    def complain(missing: str) -> None:
        warn(f"{config.directory}/master.cf: undefined parameter: {missing}")

    def find(name: str) -> str | None:
        return own[name] if name in own else config.raw(name)

    def value(setting: str) -> str:
        key, equals, raw = setting.partition("=")
        return f"{key}{equals}{expanded(raw, find, complain)}" if equals else setting

    words: list[str] = []
    for word in entry.words:
        is_setting = bool(words) and words[-1] == "-o"
        braced = is_setting and word.startswith("{")
        text = value(word[1:-1] if braced else word) if is_setting else word
        words.append(f"{{{text}}}" if braced else text)
    return entry._replace(words=tuple(words))


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
        if option or column + 1 + len(group) >= LINE_LIMIT:
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
            yield bare(word)


def _setting(word: str) -> str:
    if not word.startswith("{"):
        return word
    name, _, value = word[1:-1].partition("=")
    text = f"{name.strip()}={value.strip()}"
    return f"{{{text}}}" if " " in text else text


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
                is_command = name == "command"
                value = _arguments(entry.words, fold=False, start=0) if is_command else ""
                value = value or entry.columns[FIELDS.index(name)]
                yield entry.line.first, _row(entry, name, value, options)


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
    return value if options.has("h") else f"{label} = {value}".rstrip()


def _warn_unused(config: Config, names: Names, entries: Iterable[Entry]) -> None:
    for entry in entries:
        for name, value in entry.settings().items():
            if not names.knows(name):
                warn(f"{config.directory}/master.cf: unused parameter: {name}={value}")
