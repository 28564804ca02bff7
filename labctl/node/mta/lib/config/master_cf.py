"""master.cf as values: one Service per line, master(5) says what the columns mean.

FAILURE
    A line that cannot be read raises ``Fatal`` with its number: a mail system of which one
    service is missing would lose mail quietly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, NoReturn

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.logical_lines import WHITE_SPACE, LogicalLine, logical_lines

DEFAULT_PATH: Final = "/etc/postfix/master.cf"


class Service(NamedTuple):
    """One service; `-` columns hold their defaults, `columns` what was written."""

    name: str
    type: str  # inet, unix, unix-dgram, fifo, pass
    private: bool
    unprivileged: bool
    chroot: bool
    wakeup: int  # seconds; 0 is never
    wakeup_if_used: bool  # "1000?": only after the service was used
    process_limit: int | None  # None: default_process_limit; 0: as many as there is work for
    command: str
    overrides: Mapping[str, str]
    arguments: tuple[str, ...]  # without the -o options
    columns: tuple[str, ...]
    line: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """The command and its arguments, as written."""
        return self.columns[COMMAND:]


def read(path: str = DEFAULT_PATH) -> list[Service]:
    """Return the services in the order of the file; a later one replaces its namesake."""
    services: dict[tuple[str, str], Service] = {}
    for line in read_lines(path):
        service = parse(line.text, f"{path}: line {line.first}", line.first)
        services[service.name, service.type] = service
    return list(services.values())


def read_lines(path: str = DEFAULT_PATH) -> Iterator[LogicalLine]:
    """Yield the logical lines of the file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            yield from logical_lines(lines)
    except OSError as error:
        raise Fatal(f"open {path}: {error.strerror}") from error


def parse(text: str, where: str, line: int = 0) -> Service:
    """Read one logical line."""
    columns = split_columns(text, where)
    if len(columns) < len(COLUMNS):
        missing = COLUMNS[len(columns)]
        raise Fatal(f'{where}: missing "{missing}" field')
    name, kind, private, unprivileged, chroot, wakeup, limit, command = columns[: COMMAND + 1]
    if kind not in TYPES:
        raise Fatal(f"{where}: bad transport type: {kind}")
    if kind == "inet" and private == "y":
        raise Fatal(f"{where}: inet service cannot be private")
    overrides, arguments = split_options(columns[COMMAND + 1 :], where)
    return Service(
        name,
        kind,
        _flag(private, PRIVATE_BY_TYPE.get(kind, True), "private", where),
        _flag(unprivileged, True, "unprivileged", where),
        _flag(chroot, False, "chroot", where),
        *_wakeup(wakeup, where),
        _limit(limit, where),
        command,
        overrides,
        tuple(arguments),
        tuple(columns),
        line,
    )


def split_columns(text: str, where: str) -> list[str]:
    """Split at white space; `{ text }` is one column, and its braces stay."""
    columns: list[str] = []
    rest = text.strip(WHITE_SPACE)
    while rest:
        if rest[0] == "{":
            column, rest = _braced(rest, where)
        else:
            match = WORD.match(rest)
            assert match is not None  # rest starts with something that is not white space
            column, rest = match[0], rest[match.end() :]
        columns.append(column)
        rest = rest.lstrip(WHITE_SPACE)
    return columns


def split_options(words: Sequence[str], where: str) -> tuple[dict[str, str], list[str]]:
    """Take `-o name=value` and `-o { name = value }` out of a command's arguments."""
    overrides: dict[str, str] = {}
    arguments: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if not word.startswith("-o"):
            # Options end where the arguments of the program begin (pipe(8): flags=, argv=).
            arguments.append(_unbraced(word))
            continue
        setting = _unbraced(word[2:] or next(remaining, ""))
        name, equals, value = setting.partition("=")
        if not equals:
            raise Fatal(f"{where}: missing '=' after attribute name: \"{setting}\"")
        overrides[name.strip(WHITE_SPACE)] = value.strip(WHITE_SPACE)
    return overrides, arguments


def _braced(text: str, where: str) -> tuple[str, str]:
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[: position + 1], text[position + 1 :]
    raise Fatal(f"{where}: missing '}}' in \"{text}\"")


def _unbraced(word: str) -> str:
    return word[1:-1].strip(WHITE_SPACE) if word.startswith("{") else word


def _flag(text: str, default: bool, column: str, where: str) -> bool:
    if text not in FLAGS:
        _bad(column, text, where)
    flag = FLAGS[text]
    return default if flag is None else flag


def _wakeup(text: str, where: str) -> tuple[int, bool]:
    match = WAKEUP.fullmatch("0" if text == "-" else text)
    if match is None:
        _bad("wakeup_time", text, where)
    return int(match[1]), bool(match[2])


def _limit(text: str, where: str) -> int | None:
    if text == "-":
        return None
    if not text.isdigit():
        _bad("max_proc", text, where)
    return int(text)


def _bad(column: str, value: str, where: str) -> NoReturn:
    raise Fatal(f'{where}: field "{column}": bad value: "{value}"')


COLUMNS: Final = (
    "service name",
    "transport type",
    "private",
    "unprivileged",
    "chroot",
    "wakeup_time",
    "max_proc",
    "command",
)
COMMAND: Final = 7
TYPES: Final = ("inet", "unix", "unix-dgram", "fifo", "pass")
PRIVATE_BY_TYPE: Final[Mapping[str, bool]] = {"inet": False}
FLAGS: Final[Mapping[str, bool | None]] = {"y": True, "n": False, "-": None}
WAKEUP: Final = re.compile(r"(\d+)(\??)")
WORD: Final = re.compile(r"\S+")
Reader = Callable[[str], Service]
