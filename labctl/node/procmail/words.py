"""Quotes, variables and commands in words of an rcfile, as sh(1) has them.

INPUT AND OUTPUT
    ``expand(text, variables, run)`` makes one text of a value; ``split(...)`` makes words of
    a line.  ``run(command)`` is asked for what stands between backquotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

Run = Callable[[str], str]


class _Piece(NamedTuple):
    text: str
    splits: bool  # white space in it ends a word


def expand(text: str, variables: Mapping[str, str], run: Run) -> str:
    """One text; white space is kept where it stands."""
    return "".join(piece.text for piece in _pieces(text, variables, run))


def split(text: str, variables: Mapping[str, str], run: Run) -> list[str]:
    """Words; quoted white space does not separate them."""
    words: list[str] = []
    open_word = False
    for piece in _pieces(text, variables, run):
        if not piece.splits:
            words[-1:] = [words[-1] + piece.text] if open_word else [*words[-1:], piece.text]
            open_word = True
            continue
        for part in re.split(r"(\s+)", piece.text):
            if part.isspace():
                open_word = False
            elif part:
                words[-1:] = [words[-1] + part] if open_word else [*words[-1:], part]
                open_word = True
    return words


def expand_inside_quotes(text: str, variables: Mapping[str, str], run: Run) -> str:
    """What double quotes leave to be done: variables, commands, a few backslashes."""
    return "".join(_inside(text, variables, run))


def _pieces(text: str, variables: Mapping[str, str], run: Run) -> list[_Piece]:
    pieces: list[_Piece] = []
    for token in TOKEN.finditer(text):
        word = token[0]
        if word[0] == "'":
            pieces.append(_Piece(word.strip("'") if len(word) > 1 else "", False))
        elif word[0] == '"':
            inside = word[1:-1] if len(word) > 1 and word.endswith('"') else word[1:]
            pieces.append(_Piece("".join(_inside(inside, variables, run)), False))
        elif word[0] == "\\":
            pieces.append(_Piece(word[1:], False))
        elif word[0] in "`$":
            pieces.append(_Piece("".join(_inside(word, variables, run)), True))
        else:
            pieces.append(_Piece(word, True))
    return pieces


def _inside(text: str, variables: Mapping[str, str], run: Run) -> list[str]:
    def value(found: re.Match[str]) -> str:
        word = found[0]
        if word[0] == "\\":
            return word[1:] if word[1] in '\\"`$' else word
        if word[0] == "`":
            return run(word[1:-1])
        return variable(word, variables, run)

    return [INSIDE.sub(value, text)]


def variable(word: str, variables: Mapping[str, str], run: Run) -> str:
    """``$NAME``, ``${NAME}`` or ``${NAME:-otherwise}``."""
    if word.startswith("$\\"):
        # procmailrc(5): a value that is to be matched as it is.
        value = variables.get(word[2:], "")
        return "()" + re.sub(r"[^A-Za-z0-9_\s]", r"\\\g<0>", value)
    found = BRACED.fullmatch(word)
    if found is None:
        return variables.get(word[1:].strip("{}"), "")
    name, sign, otherwise = str(found[1]), str(found[2]), str(found[3])
    current = variables.get(name)
    there = bool(current) if sign.startswith(":") else current is not None
    if sign.endswith("+"):
        return expand(otherwise, variables, run) if there else ""
    return current or "" if there else expand(otherwise, variables, run)


NAME: Final = r"[A-Za-z_]\w*|[0-9#@$?_=-]"
DOLLAR: Final = rf"\$\{{(?:{NAME})(?::?[-+][^}}]*)?\}}|\$\\[A-Za-z_]\w*|\$(?:{NAME})"
BACKQUOTED: Final = r"`(?:[^`\\]|\\.)*`"
TOKEN: Final = re.compile(
    rf"""'[^']*'?|"(?:[^"\\]|\\.)*"?|{DOLLAR}|\\.|{BACKQUOTED}|[^'"\\$`]+|.""", re.DOTALL
)
INSIDE: Final = re.compile(rf"\\.|{BACKQUOTED}|{DOLLAR}", re.DOTALL)
BRACED: Final = re.compile(rf"\$\{{({NAME})(:?[-+])([^}}]*)\}}", re.DOTALL)
