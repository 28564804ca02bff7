"""Perl-compatible expressions, as pcre_table(5) has them; in Python's words without PCRE2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from labctl.node.mta.lib.maps.patterns import libpcre
from labctl.node.mta.lib.maps.patterns.expression import Expression, PythonExpression
from labctl.node.mta.lib.maps.patterns.posix_syntax import CLASS, CLASSES
from labctl.node.mta.lib.maps.patterns.rules import RuleError


def compile_pattern(source: str, flags: str) -> Expression:
    """Compile; each flag turns a default round (pcre_table(5): i, m, s, x, A, E, U, X)."""
    on = {"i", "s"}
    for flag in flags:
        if flag not in OPTIONS:
            raise RuleError(f'unknown regexp option "{flag}": skipping this rule')
        on ^= {flag}
    if libpcre.is_there():
        return libpcre.PcreExpression(source, "".join(on))
    options = re.ASCII
    for flag in on:
        options |= OPTIONS[flag]
    try:
        text = translate(source, end_only="E" in on, ungreedy="U" in on)
        pattern = re.compile(rf"\A(?:{text})" if "A" in on else text, options)
    except (re.error, RecursionError, OverflowError) as error:
        offset = getattr(error, "pos", None) or 0
        raise RuleError(f"error in regex at offset {offset}: {error}") from error
    return PythonExpression(pattern)


def translate(source: str, *, end_only: bool = False, ungreedy: bool = False) -> str:
    """Put one PCRE expression into Python's syntax."""
    pieces: list[str] = []
    position = 0
    inside = False
    while position < len(source):
        token = TOKEN.match(source, position)
        assert token is not None  # the last alternative takes any character
        text = token[0]
        position = token.end()
        if inside:
            pieces.append(_in_class(text))
            # "]" right after "[" or "[^" stands for itself.
            inside = not (text == "]" and pieces[-2] not in ("[", "[^"))
            continue
        inside = text in ("[", "[^")
        if text == "$" and end_only:
            text = r"\z"
        if ungreedy and QUANTIFIER.fullmatch(text):
            text = text[:-1] if text.endswith("?") and len(text) > 1 else f"{text}?"
        pieces.append(_quoted(text) if text.startswith(r"\Q") else TOKENS.get(text, text))
    return "".join(pieces)


def _in_class(text: str) -> str:
    match = CLASS.fullmatch(text)
    if match and match[1] in CLASSES:
        return CLASSES[match[1]]
    if text == r"\h":
        return r" \t"
    return r"\[" if text == "[" else text


def _quoted(text: str) -> str:
    return re.escape(text[2:].removesuffix(r"\E"))


OPTIONS: Final[Mapping[str, re.RegexFlag]] = {
    "i": re.IGNORECASE,
    "m": re.MULTILINE,
    "s": re.DOTALL,
    "x": re.VERBOSE,
    "A": re.NOFLAG,
    "E": re.NOFLAG,
    "U": re.NOFLAG,
    "X": re.NOFLAG,
}
TOKEN: Final = re.compile(
    r"\\Q.*?(?:\\E|\Z)|\[:\w+:\]|\[\^|\(\?<(?=\w)|\(\?'\w+'|[*+?](?:\?|(?!\+))|\{\d+,?\d*\}\??"
    r"|\\.|.",
    re.DOTALL,
)
QUANTIFIER: Final = re.compile(r"[*+?]\??|\{\d+,?\d*\}\??")
TOKENS: Final[Mapping[str, str]] = {
    "(?<": "(?P<",
    r"\h": r"[ \t]",
    r"\H": r"[^ \t]",
    r"\R": r"(?:\r\n|[\n\r\f\v])",
    r"\N": r"[^\n]",
    r"\z": r"\Z",
    r"\Z": r"(?=\n?\Z)",
    r"\e": r"\x1b",
}
