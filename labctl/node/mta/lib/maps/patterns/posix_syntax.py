"""POSIX expressions, as regexp_table(5) has them; in Python's words without GNU's C library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from labctl.node.mta.lib.maps.patterns import libc
from labctl.node.mta.lib.maps.patterns.expression import Expression, PythonExpression
from labctl.node.mta.lib.maps.patterns.rules import RuleError


def compile_pattern(source: str, flags: str) -> Expression:
    """Compile; each flag turns a default round (regexp_table(5): i, m, x)."""
    on = {"i", "x"}
    for flag in flags:
        if flag not in "imx":
            raise RuleError(f'unknown regexp option "{flag}": skipping this rule')
        on ^= {flag}
    if libc.is_there():
        return libc.LibcExpression(source, sum(LIBC[flag] for flag in on))
    options = re.ASCII | (re.IGNORECASE if "i" in on else 0)
    # REG_NEWLINE: without it a newline is a character like any other.
    options |= re.MULTILINE if "m" in on else re.DOTALL
    try:
        text = translate(source, extended="x" in on, lines="m" in on)
        return PythonExpression(re.compile(text, options))
    except (re.error, RecursionError, OverflowError) as error:
        raise RuleError(str(error)) from error


def translate(source: str, *, extended: bool = True, lines: bool = False) -> str:
    """Put one POSIX expression into Python's syntax."""
    pieces: list[str] = []
    position = 0
    while position < len(source):
        piece, position = _next(source, position, extended=extended, lines=lines)
        pieces.append(piece)
    return "".join(pieces)


def _next(source: str, position: int, *, extended: bool, lines: bool) -> tuple[str, int]:
    character = source[position]
    if character == "[":
        return _bracket(source, position)
    if character == "\\":
        return _escape(source[position + 1 : position + 2], extended=extended), position + 2
    if character == "$" and not lines:
        return r"\Z", position + 1
    if not extended and character in BASIC_LITERALS:
        return f"\\{character}", position + 1
    return character, position + 1


def _escape(character: str, *, extended: bool) -> str:
    if not extended and character in BASIC_LITERALS:
        return character
    if character in ESCAPES:
        return ESCAPES[character]
    if not character:
        raise RuleError("Trailing backslash")
    return re.escape(character) if not character.isdigit() else f"\\{character}"


def _bracket(source: str, start: int) -> tuple[str, int]:
    """Copy `[...]`: a backslash in it is a character, `[:class:]` names several."""
    position = start + 1
    pieces = ["["]
    if source[position : position + 1] == "^":
        pieces.append("^")
        position += 1
    first = position
    while position < len(source):
        character = source[position]
        if character == "]" and position > first:
            return "".join([*pieces, "]"]), position + 1
        match = CLASS.match(source, position)
        if match:
            if match[1] not in CLASSES:
                raise RuleError("Invalid character class name")
            pieces.append(CLASSES[match[1]])
            position = match.end()
        else:
            pieces.append(f"\\{character}" if character in "\\[]^&~|" else character)
            position += 1
    raise RuleError("Unmatched [, [^, [:, [., or [=")


LIBC: Final[Mapping[str, int]] = {
    "i": libc.IGNORE_CASE,
    "m": libc.NEWLINE,
    "x": libc.EXTENDED,
}
BASIC_LITERALS: Final = "(){}+?|"
CLASS: Final = re.compile(r"\[:(\w+):\]")
# IEEE 1003.1 9.3.5, in the C locale.
CLASSES: Final[Mapping[str, str]] = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
# What the C library of Linux adds to POSIX.
ESCAPES: Final[Mapping[str, str]] = {
    "w": r"\w",
    "W": r"\W",
    "s": r"\s",
    "S": r"\S",
    "b": r"\b",
    "B": r"\B",
    "<": r"\b(?=\w)",
    ">": r"\b(?<=\w)",
    "`": r"\A",
    "'": r"\Z",
}
