"""Read the lines `name = value` of main.cf, and say what is odd about them.

The format serves the configuration of sqlite: tables too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.logical_lines import WHITE_SPACE, LogicalLine, logical_lines


class Setting(NamedTuple):
    """What main.cf says of one parameter, and on which line."""

    line: int
    name: str
    value: str


class Content(NamedTuple):
    """The settings by name, the last of each, and what every program warns of."""

    settings: dict[str, str]
    complaints: tuple[str, ...]


def read_file(path: str, known: Mapping[str, str] | None = None) -> Content:
    """Read a whole file; a later setting of a name replaces an earlier one.

    ``known`` is what an earlier reading of the same file found.
    """
    settings = dict(known or {})
    complaints: list[str] = []
    for line in _lines(path):
        if line.text[0] in WHITE_SPACE:
            complaints.append(_indented(path, line))
            continue
        one = _setting(path, line)
        if settings.get(one.name, one.value) != one.value:
            where = f"{path}, line {one.line}"
            entry = f"{one.name}={settings[one.name]}"
            complaints.append(f"{where}: overriding earlier entry: {entry}")
        settings[one.name] = one.value
    return Content(settings, tuple(complaints))


def read_settings(path: str) -> Iterator[Setting]:
    """Yield the settings of a file in their order."""
    return (_setting(path, line) for line in _lines(path) if line.text[0] not in WHITE_SPACE)


def parse_setting(text: str, where: str = "", line: int = 0) -> Setting:
    """Split `name = value`."""
    name, equals, value = text.partition("=")
    name = name.strip(WHITE_SPACE)
    complaint = ""
    if not name:
        complaint = "missing attribute name"
    elif not equals or len(name.split(None, 1)) > 1:
        complaint = "missing '=' after attribute name"
    if complaint:
        raise Fatal(f'{where}{": " if where else ""}{complaint}: "{text}"')
    return Setting(line, name, value.strip(WHITE_SPACE))


def _setting(path: str, line: LogicalLine) -> Setting:
    # A program in C sees nothing of a line behind a NUL.
    text = line.text.partition("\0")[0]
    return parse_setting(text, f"{path}, line {line.first}", line.first)


def _indented(path: str, line: LogicalLine) -> str:
    """The first line of a file continues nothing."""
    return f'{path}: logical line must not start with whitespace: "{line.text[:30]}"'


def _lines(path: str) -> Iterable[LogicalLine]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            return list(logical_lines(lines))
    except IsADirectoryError as error:
        raise Fatal(f"read {path}: {error.strerror}") from error
    except OSError as error:
        raise Fatal(f"open {path}: {error.strerror}") from error
