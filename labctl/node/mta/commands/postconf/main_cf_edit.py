"""Edit main.cf: set (-e), remove (-X), comment out (-#); all else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.base import files
from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.commands.postconf.output import warn
from labctl.node.mta.lib.config.logical_lines import WHITE_SPACE
from labctl.node.mta.lib.config.settings_file import parse_setting


class Block(NamedTuple):
    """A logical line with the lines that continue it, or one line that is no setting."""

    name: str  # "" for comments and empty lines
    lines: tuple[str, ...]


Edit = Callable[[Block], Iterable[str]]


def run(options: Options, directory: str) -> int:
    """Write the file anew; a reader sees the old one or the new one."""
    path = f"{directory}/main.cf"
    work = next((letter for letter in "X#" if options.has(letter)), "e")
    if not options.words:
        raise Fatal(MISSING[work])
    settings = _requests(options.words, values=work == "e")
    lines = read_lines(path)
    edited = "".join(_edit(lines, settings, EDITS[work](settings), path, add=work == "e"))
    write(path, edited)
    return 0


def read_lines(path: str) -> list[str]:
    """Return the physical lines, each with its newline."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            lines = file.readlines()
    except OSError as error:
        raise Fatal(f"open {path} for reading: {error.strerror}") from error
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def write(path: str, text: str) -> None:
    """Replace the file; everybody may read the new one, whatever was with the old one."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        files.write_atomically(path, data, mode=0o644)
    except OSError as error:
        raise Fatal(f"open {path}.tmp: {error.strerror}") from error


def blocks(lines: Iterable[str]) -> Iterator[Block]:
    """Group the lines of main.cf; a comment within a setting ends nothing."""
    current: list[str] = []
    for line in lines:
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            if current:
                yield _block(current)
                current = []
            yield Block("", (line,))
        elif line[0] in WHITE_SPACE:
            current.append(line)
        else:
            if current:
                yield _block(current)
            current = [line]
    if current:
        yield _block(current)


def _block(lines: list[str]) -> Block:
    name = lines[0].partition("=")[0].strip()
    return Block(name if lines[0][0] not in WHITE_SPACE else CONTINUED, tuple(lines))


def _edit(
    lines: Iterable[str], settings: Mapping[str, str], edit: Edit, path: str, *, add: bool
) -> Iterator[str]:
    found: set[str] = set()
    repeated: set[str] = set()
    name = ""
    for block in blocks(lines):
        if not block.name:
            yield from block.lines
            continue
        # After a comment in the middle the rest still belongs to the setting before it.
        again = block.name == CONTINUED
        name = name if again else block.name
        if name not in settings:
            yield from block.lines
            continue
        if again:
            yield from edit(Block(CONTINUED, block.lines))
            continue
        if name in found and name not in repeated:
            warn(f'{path}: multiple entries for "{name}"')
            repeated.add(name)
        found.add(name)
        yield from edit(block)
    if add:
        yield from (_line(name, value) for name, value in settings.items() if name not in found)


def _requests(words: Iterable[str], *, values: bool) -> dict[str, str]:
    settings: dict[str, str] = {}
    for word in words:
        if "\n" in word:
            raise Fatal("-e, -X, or -# accepts no multi-line input")
        if word.lstrip().startswith("#"):
            raise Fatal("-e, -X, or -# accepts no comment input")
        one = parse_setting(word if values else f"{word.strip()}=")
        if settings.get(one.name, one.value) != one.value:
            warn(f"ignoring earlier request: '{one.name} = {settings[one.name]}'")
        settings[one.name] = one.value
    return settings


def _set(settings: Mapping[str, str]) -> Edit:
    def edit(block: Block) -> list[str]:
        if block.name == CONTINUED:
            return []
        return [_line(block.name, settings[block.name])]

    return edit


def _remove(settings: Mapping[str, str]) -> Edit:
    return lambda block: []


def _comment_out(settings: Mapping[str, str]) -> Edit:
    return lambda block: [f"#{line}" for line in block.lines]


def _line(name: str, value: str) -> str:
    return f"{name} = {value}\n"


CONTINUED: Final = " "
EDITS: Final[Mapping[str, Callable[[Mapping[str, str]], Edit]]] = {
    "e": _set,
    "X": _remove,
    "#": _comment_out,
}
MISSING: Final = {
    "e": "-e requires name=value argument",
    "X": "missing service argument",
    "#": "missing service argument",
}
