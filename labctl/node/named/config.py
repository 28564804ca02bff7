"""named.conf: the statements that an authoritative server needs.

INPUT AND OUTPUT
    ``parse()`` takes the text of a named.conf as BIND writes it: ``options`` with
    ``directory``, ``listen-on`` and ``recursion``, and ``zone`` with ``type`` and ``file``.
    Comments are ``//``, ``#`` and ``/* */``.

NOT HERE
    Everything else is refused by name, so that nobody believes that it has an effect.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

COMMENT: Final = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
TOKEN: Final = re.compile(r'"([^"]*)"|([{};])|([^\s{};"]+)')

# A statement is its words; a block among them is a list of statements.
Statement: TypeAlias = "list[str | list[Statement]]"


class ConfigError(Exception):
    """The configuration cannot be obeyed; the text says why."""


@dataclass(frozen=True, slots=True)
class Config:
    """What named.conf says."""

    directory: str = "/var/named"
    listen_on: tuple[str, ...] = ("0.0.0.0",)
    port: int = 53
    zones: Mapping[str, str] = field(default_factory=dict)  # name -> path of the zone file


def parse(text: str) -> Config:
    """Read a named.conf; ``ConfigError`` names the statement that will not do."""
    tokens = [match.group(0) for match in TOKEN.finditer(COMMENT.sub(" ", text))]
    config = Config()
    for statement in _statements(iter(tokens), depth=0):
        config = _obey(STATEMENTS, statement, config)
    return replace(config, zones=_absolute(config))


def _statements(tokens: Iterator[str], depth: int) -> list[Statement]:
    statements: list[Statement] = []
    words: Statement = []
    for token in tokens:
        if token == "{":
            words.append(_statements(tokens, depth + 1))
        elif token == ";":
            statements += [words] if words else []
            words = []
        elif token == "}":
            if depth == 0:
                raise ConfigError("unexpected '}'")
            depth = -1
            break
        else:
            words.append(token.strip('"'))
    if words:
        raise ConfigError(f"missing ';' after {words[0]!r}")
    if depth > 0:
        raise ConfigError("missing '}'")
    return statements


Obey: TypeAlias = "Callable[[Config, Sequence[str | list[Statement]]], Config]"


def _obey(table: Mapping[str, Obey], statement: Statement, config: Config) -> Config:
    name, *rest = statement
    obey = table.get(name) if isinstance(name, str) else None
    if obey is None:
        raise ConfigError(f"unknown statement {name!r}")
    return obey(config, rest)


def _options(config: Config, words: Sequence[str | list[Statement]]) -> Config:
    for statement in _block(words, "options"):
        config = _obey(OPTIONS, statement, config)
    return config


def _zone(config: Config, words: Sequence[str | list[Statement]]) -> Config:
    name = _word(words, "zone")
    settings: dict[str, str] = {}
    for statement in _block(words, f"zone {name!r}"):
        key, *values = statement
        if key not in ("type", "file"):
            raise ConfigError(f"zone {name!r}: unknown statement {key!r}")
        settings[str(key)] = _word(values, f"zone {name!r}: {key}")
    # RFC 8499 "primary server" is what BIND called master.
    if settings.get("type", "master") not in ("master", "primary"):
        raise ConfigError(f"zone {name!r}: type {settings['type']!r} is not supported")
    if "file" not in settings:
        raise ConfigError(f"zone {name!r} has no file")
    return replace(config, zones={**config.zones, name: settings["file"]})


def _directory(config: Config, words: Sequence[str | list[Statement]]) -> Config:
    return replace(config, directory=_word(words, "directory"))


def _listen_on(config: Config, words: Sequence[str | list[Statement]]) -> Config:
    plain = [word for word in words if isinstance(word, str)]
    if plain[:1] == ["port"] and len(plain) == 2 and plain[1].isdigit():
        config = replace(config, port=int(plain[1]))
    elif plain:
        raise ConfigError(f"listen-on: unexpected {plain[0]!r}")
    addresses = tuple(str(statement[0]) for statement in _block(words, "listen-on"))
    return replace(config, listen_on=("0.0.0.0",) if "any" in addresses else addresses)


def _recursion(config: Config, words: Sequence[str | list[Statement]]) -> Config:
    if _word(words, "recursion") not in ("no", "false", "0"):
        raise ConfigError("recursion is not supported: there is nobody to ask in a lab")
    return config


def _word(words: Sequence[str | list[Statement]], where: str) -> str:
    if not words or not isinstance(words[0], str):
        raise ConfigError(f"{where}: a value is missing")
    return words[0]


def _block(words: Sequence[str | list[Statement]], where: str) -> list[Statement]:
    if not words or not isinstance(words[-1], list):
        raise ConfigError(f"{where}: a block is missing")
    return words[-1]


def _absolute(config: Config) -> dict[str, str]:
    return {name: os.path.join(config.directory, file) for name, file in config.zones.items()}


STATEMENTS: Final[Mapping[str, Obey]] = {"options": _options, "zone": _zone}

OPTIONS: Final[Mapping[str, Obey]] = {
    "directory": _directory,
    "listen-on": _listen_on,
    "recursion": _recursion,
}
