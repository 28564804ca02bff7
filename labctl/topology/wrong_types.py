"""What pydantic says about a value, in the words of a topology's author."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from labctl.topology.models import (
    DirectorySpec,
    ExpectSpec,
    FileSpec,
    NetworkSpec,
    NodeSpec,
    TableSpec,
    Topology,
    UserSpec,
    ZoneSpec,
)
from labctl.topology.problems import Problem, suggest
from labctl.topology.source import Path, Source
from labctl.topology.words import MEANINGS, Role

FIELDS: Final[Mapping[str, type[BaseModel]]] = {
    "nodes": NodeSpec,
    "networks": NetworkSpec,
    "users": UserSpec,
    "files": FileSpec,
    "directories": DirectorySpec,
    "maps": TableSpec,
    "zones": ZoneSpec,
    "expect": ExpectSpec,
}


def problem_from(source: Source, path: Path, details: ErrorDetails) -> Problem:
    """Make a Problem of one of pydantic's errors; the words come from ``WORDS``."""
    say = WORDS.get(details["type"], _anything_else)
    return say(source, path, details)


def _unknown_key(source: Source, path: Path, details: ErrorDetails) -> Problem:
    model = FIELDS.get(str(path[-3]) if len(path) > 2 else "", Topology)
    hint = suggest(str(path[-1]), model.model_fields)
    return Problem(source.place(path, key=True), f"unknown key {str(path[-1])!r}", hint)


def _missing_key(source: Source, path: Path, details: ErrorDetails) -> Problem:
    missing = details["loc"][-1]
    return Problem(
        source.place(path, key=True), f"{missing!r} is missing", HINTS.get(str(missing), "")
    )


def _wrong_word(source: Source, path: Path, details: ErrorDetails) -> Problem:
    meaning = MEANINGS.get(details["ctx"]["pattern"], "")
    hint = f"It has to be {meaning}." if meaning else ""
    key = details["loc"][-1] == "[key]"
    return Problem(source.place(path, key=key), f"{details['input']!r} will not do", hint)


def _not_one_of(source: Source, path: Path, details: ErrorDetails) -> Problem:
    if path and path[-1] in ("role", "outcome"):
        known = re.findall(r"'([^']+)'", details["ctx"]["expected"])
        hint = suggest(str(details["input"]), known)
        return Problem(
            source.place(path), f"no {path[-1]} is called {details['input']!r}", hint
        )
    expected = details["ctx"]["expected"]
    return Problem(source.place(path), f"{details['input']!r} is not {expected}")


def _no_mapping(source: Source, path: Path, details: ErrorDetails) -> Problem:
    hint = 'A topology begins with "lab: NAME" and "nodes:".' if not path else ""
    given = _shown(details["input"])
    return Problem(source.place(path), f"keys and values are expected here, not {given}", hint)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _anything_else(source: Source, path: Path, details: ErrorDetails) -> Problem:
    what = details["msg"][:1].lower() + details["msg"][1:]
    given = details["input"]
    shown = f", not {_shown(given)}" if isinstance(given, str | None) else ""
    return Problem(source.place(path), what + shown)


LONGEST_SHOWN: Final = 60  # characters; who wrote more knows the rest

HINTS: Final = {
    "role": f"One of: {', '.join(role.value for role in Role)}.",
    "hostname": "A fully qualified name, such as mx.example.test.",
    "lab": "A name for the lab; commands find it by this: 'lab: school'.",
    "nodes": "At least one node, by name: its role and its hostname.",
}

WORDS: Final[Mapping[str, Callable[[Source, Path, ErrorDetails], Problem]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "string_pattern_mismatch": _wrong_word,
    "enum": _not_one_of,
    "literal_error": _not_one_of,
    "model_type": _no_mapping,
    "dict_type": _no_mapping,
}
