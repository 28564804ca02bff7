"""Edit master.cf: entries (-M), columns (-F) and parameters (-P) with -e, -X or -#."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.commands.postconf.main_cf_edit import blocks, read_lines, write
from labctl.node.mta.commands.postconf.master_cf_entry import (
    FIELDS,
    Entry,
    check_field,
    parse_entry,
)
from labctl.node.mta.commands.postconf.master_cf_report import format_entry
from labctl.node.mta.commands.postconf.output import warn
from labctl.node.mta.lib.config.logical_lines import LogicalLine
from labctl.node.mta.lib.config.master_cf import split_columns
from labctl.node.mta.lib.config.settings_file import parse_setting


class Change(NamedTuple):
    """What to do with one entry; `attribute` is a column or a parameter, "" the whole."""

    name: str
    type: str
    attribute: str
    value: str
    written: str  # on the command line

    def concerns(self, entry: Entry) -> bool:
        """Whether the entry is the one; `*` stands for all."""
        name, kind = entry.key
        return self.name in ("*", name) and self.type in ("*", kind)


Obey = Callable[[Entry, Change], str | None]  # the new text; None removes the entry


def run(options: Options, directory: str) -> int:
    """Write the file anew; what is not asked for stays as it is."""
    path = f"{directory}/master.cf"
    level = next(letter for letter in "MFP" if options.has(letter))
    work = next(letter for letter in "eX#" if options.has(letter))
    if not options.words:
        raise Fatal("missing service argument")
    changes = [_change(word, level, work) for word in options.words]
    lines = list(_edit(read_lines(path), changes, WORK[level, work], path))
    if (level, work) == ("M", "e"):
        lines += _new_entries(changes, lines, path)
    write(path, "".join(lines))
    return 0


def _change(word: str, level: str, work: str) -> Change:
    value, written = "", word
    if work == "e":
        one = parse_setting(word)
        word, value = one.name, one.value
    parts = word.split("/")
    if len(parts) != (2 if level == "M" else 3):
        raise Fatal(REQUIRED[level])
    if level == "P" and value.split() not in ([], [value]):
        raise Fatal("-Pe does not accept whitespace in parameter value")
    if level == "F":
        _check_column(parts[2], value)
    if (level, work) == ("M", "e") and len(value.split()) < len(FIELDS):
        raise Fatal(f'bad field count: "{written}"')
    return Change(parts[0], parts[1], parts[2] if level != "M" else "", value, written)


def _check_column(name: str, value: str) -> None:
    if name not in FIELDS:
        raise Fatal(f'invalid service attribute name: "{name}"')
    if name != "command" and len(value.split()) > 1:
        raise Fatal("-Fe does not accept whitespace in non-command field")
    check_field(name, value, value)


def _edit(lines: Iterable[str], changes: list[Change], obey: Obey, path: str) -> Iterator[str]:
    matched: set[Change] = set()
    for block in blocks(lines):
        if not block.name:
            yield from block.lines
            continue
        text = " ".join(line.strip() for line in block.lines)
        entry = parse_entry(LogicalLine(0, 0, text), path)
        mine = [change for change in changes if change.concerns(entry)]
        matched.update(mine)
        if not mine:
            yield from block.lines
            continue
        for change in mine:
            new = obey(entry, change)
            if new is None:
                break
            entry = parse_entry(LogicalLine(0, 0, new), path)
        else:
            yield format_entry(entry, fold=True) + "\n"
            continue
        if obey is _comment_out:
            yield from (f"#{line}" for line in block.lines)
    for change in changes:
        if change not in matched and change.attribute:
            warn(f'unmatched service_name/type: "{change.written}"')


def _new_entries(changes: list[Change], lines: list[str], path: str) -> Iterator[str]:
    """An entry that is not there yet goes to the end."""
    entries = [
        parse_entry(LogicalLine(0, 0, " ".join(line.strip() for line in block.lines)), path)
        for block in blocks(lines)
        if block.name
    ]
    for change in changes:
        if not any(change.concerns(entry) for entry in entries):
            entry = parse_entry(LogicalLine(0, 0, change.value), path)
            yield format_entry(entry, fold=True) + "\n"


def _replace(entry: Entry, change: Change) -> str:
    return change.value


def _remove(entry: Entry, change: Change) -> None:
    return None


def _comment_out(entry: Entry, change: Change) -> None:
    return None


def _set_column(entry: Entry, change: Change) -> str:
    words = [*entry.columns, *entry.words]
    index = FIELDS.index(change.attribute)
    # The last field is the command with all of its arguments.
    words[index : len(words) if change.attribute == "command" else index + 1] = split_columns(
        change.value, "-F"
    )
    return " ".join(words)


def _set_parameter(entry: Entry, change: Change) -> str:
    words = [*entry.columns, *_without(entry.words, change.attribute)]
    # Options stand before the arguments of the program.
    command = len(entry.columns) + 1
    while command < len(words) and words[command].startswith("-"):
        command += 2 if words[command] == "-o" else 1
    words[command:command] = ["-o", f"{change.attribute}={change.value}"]
    return " ".join(words)


def _remove_parameter(entry: Entry, change: Change) -> str:
    return " ".join([*entry.columns, *_without(entry.words, change.attribute)])


def _without(words: tuple[str, ...], name: str) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word != "-o":
            yield word
            continue
        setting = next(rest, "")
        if setting.strip("{ ").partition("=")[0].strip() != name:
            yield from ("-o", setting)


REQUIRED: Final = {
    "M": "-Me, -MX or -M# requires service_name/type",
    "F": "-Fe requires service_name/type/attribute",
    "P": "-Pe or -PX requires service_name/type/parameter",
}
WORK: Final[Mapping[tuple[str, str], Obey]] = {
    ("M", "e"): _replace,
    ("M", "X"): _remove,
    ("M", "#"): _comment_out,
    ("F", "e"): _set_column,
    ("P", "e"): _set_parameter,
    ("P", "X"): _remove_parameter,
}
