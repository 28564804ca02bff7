"""YAML text to plain data, with the position of every value.

INPUT AND OUTPUT
    ``parse()`` takes text and returns a ``Source``: data made of dicts, lists, strings
    and None, and ``place()`` for the position of any path in it.

WHY EVERY SCALAR IS A STRING
    YAML reads ``0600`` as 384, ``yes`` as a truth value and ``1.10`` as a fraction.
    File modes, main.cf settings and versions must reach their readers as the author
    typed them; the models know which of their fields are numbers.

    ``${VAR:-default}`` in a value is replaced from the environment that the caller
    passes. Only upper-case names are, so that main.cf's ``${name?text}`` stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from labctl.topology.problems import Place, Problem

Path: TypeAlias = tuple[str | int, ...]
Position: TypeAlias = tuple[int, int]

# The C loader parses ten times as fast, but PyYAML can be built without it.
Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

VARIABLE: Final = re.compile(r"\$\{([A-Z][A-Z0-9_]*):-([^}]*)\}")
NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
NO_PLACE: Final[Position] = (1, 1)
MOST_VALUES: Final = 100_000  # aliases of aliases grow without end


class TooMuch(Exception):
    """The file has more values than any topology needs."""


@dataclass(slots=True)
class Source:
    """One topology file: its data, where each value stands, and what YAML refused."""

    file: str
    data: object = None
    keys: dict[Path, Position] = field(default_factory=dict)  # where the key or item begins
    values: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Give the position of a value, or of the nearest thing around it that exists."""
        wanted = self.keys if key else self.values
        for length in range(len(path), -1, -1):
            if found := wanted.get(path[:length], self.values.get(path[:length])):
                return Place(self.file, *found, path=dotted(path))
        return Place(self.file, *NO_PLACE, path=dotted(path))


def parse(text: str, file: str, environment: Mapping[str, str]) -> Source:
    """Read YAML; syntax errors and duplicate keys become problems."""
    source = Source(file)
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            source.data = _Builder(source, loader, environment).build(node, ())
    except TooMuch:
        source.problems.append(
            Problem(Place(file, *NO_PLACE), f"more than {MOST_VALUES} values")
        )
    except yaml.MarkedYAMLError as error:
        source.problems.append(_syntax_problem(file, error))
    except yaml.YAMLError as error:  # a character that no YAML stream may hold
        source.problems.append(Problem(Place(file, *NO_PLACE), f"not YAML: {error}"))
    finally:
        loader.dispose()
    return source


def dotted(path: Path) -> str:
    """Write a path as its author would: nodes.mx1.domains[0]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _Builder:
    def __init__(self, source: Source, loader: yaml.SafeLoader, environment: Mapping[str, str]):
        self.source = source
        self.loader = loader
        self.environment = environment
        self.open: set[int] = set()  # collections being built: an alias to one is a loop

    def build(self, node: yaml.Node, path: Path) -> object:
        self.source.values[path] = _position(node)
        if len(self.source.values) > MOST_VALUES:
            raise TooMuch
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.open:
            mark = node.start_mark
            raise yaml.MarkedYAMLError(problem="an alias contains itself", problem_mark=mark)
        self.open.add(id(node))
        built = (
            self._mapping(node, path)
            if isinstance(node, yaml.MappingNode)
            else [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        )
        self.open.discard(id(node))
        return built

    def _scalar(self, node: yaml.ScalarNode) -> str | None:
        # A plain scalar: its style is None, or "" where the C loader read it.
        if not node.style and node.value in NULLS:
            return None
        return VARIABLE.sub(lambda m: self.environment.get(m[1]) or m[2], node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        self.loader.flatten_mapping(node)  # "<<: *defaults"
        data: dict[str, object] = {}
        for name, key, value in self._pairs(node):
            # Merged keys come first, so that a later one of the same name replaces it.
            if name in data and own.count(name) > 1:
                place = Place(self.source.file, *_position(key), path=dotted((*path, name)))
                self.source.problems.append(
                    Problem(place, f"{name!r} stands twice in the same mapping")
                )
            self.source.keys[(*path, name)] = _position(key)
            data[name] = self.build(value, (*path, name))
        return data

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key must be a plain word", problem_mark=key.start_mark
                )
            yield key.value, key, value


def _position(node: yaml.Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _syntax_problem(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    position = (mark.line + 1, mark.column + 1) if mark else NO_PLACE
    context = f" {error.context}" if error.context else ""
    hint = "A value that contains ': ' or begins with one of {[*&!%@` needs quotes."
    return Problem(Place(file, *position), f"not YAML: {error.problem}{context}", hint)
