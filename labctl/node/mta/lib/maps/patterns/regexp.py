"""regexp: and pcre: tables: `/pattern/flags result`, with $1 in the result.

The engines are those of Postfix: the C library's and PCRE2.

BUGS
    On a system without them both are compiled to Python's expressions. POSIX wants the longest
    of several possible matches, Python takes the first alternative; PCRE verbs and recursion
    are refused; and nothing ends a pattern that backtracks for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.maps.patterns import pcre_syntax, posix_syntax
from labctl.node.mta.lib.maps.patterns.expression import Expression
from labctl.node.mta.lib.maps.patterns.rules import Dialect, Parsed, RuleError, RuleTable, build
from labctl.node.mta.lib.maps.table import Request


class Found(NamedTuple):
    """The groups of a match; a negated pattern that did not match has none."""

    groups: tuple[str | None, ...]


class Flavour(NamedTuple):
    """How a type reads its flags and its patterns; no closing delimiter has words too."""

    name: str
    compile: Callable[[str, str], Expression]
    unclosed: str
    no_such_index: str


FLAVOURS: Final[Mapping[str, Flavour]] = {
    "regexp": Flavour(
        "regexp", posix_syntax.compile_pattern, "skipping this rule", "out-of-range"
    ),
    "pcre": Flavour("pcre", pcre_syntax.compile_pattern, "ignoring this rule", "out of range"),
}


class Pattern(NamedTuple):
    """One `!/pattern/flags`."""

    negated: bool
    expression: Expression


def open_table(request: Request) -> RuleTable[Found]:
    """Read the rules of a regexp: or pcre: table."""
    flavour = FLAVOURS[request.type]
    make = _result if request.substitution else _constant_result
    dialect = Dialect(
        lambda text: _parse(text, flavour), lambda text, parsed: make(text, parsed, flavour)
    )
    return build(request, dialect)


class _Matcher:
    """All patterns of a rule, each of which has to hold."""

    __slots__ = ("patterns",)

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self.patterns = patterns

    def __call__(self, key: str) -> Found | None:
        found: tuple[str | None, ...] | None = None
        for pattern in self.patterns:
            groups = pattern.expression.search(key)
            if (groups is None) != pattern.negated:
                return None
            found = groups if found is None else found
        return Found(found or ())

    @property
    def group_count(self) -> int | None:
        """How many $number there are; None when the first pattern is a negated one."""
        first = self.patterns[0]
        return None if first.negated else first.expression.group_count


def _parse(text: str, flavour: Flavour) -> Parsed[Found]:
    patterns: list[Pattern] = []
    rest = text
    while True:
        pattern, rest = _pattern(rest, flavour)
        patterns.append(pattern)
        # regexp_table(5): "/pattern1/!/pattern2/" holds when the first matches and the
        # second does not.
        if not (rest.startswith("!") and flavour.name == "regexp"):
            return Parsed(_Matcher(tuple(patterns)), rest.strip())


def _pattern(text: str, flavour: Flavour) -> tuple[Pattern, str]:
    body = text.lstrip("! \t")
    negated = (text[: len(text) - len(body)].count("!")) % 2 == 1
    if not body:
        raise RuleError("no regexp: skipping this rule")
    delimiter = body[0]
    end = _closing(body, delimiter)
    if end < 0:
        complaint = f'no closing regexp delimiter "{delimiter}"'
        raise RuleError(f"{complaint}: {flavour.unclosed}")
    flags_end = end + 1
    while flags_end < len(body) and body[flags_end] not in " \t!":
        flags_end += 1
    source, flags = body[1:end], body[end + 1 : flags_end]
    return Pattern(negated, flavour.compile(source, flags)), body[flags_end:]


def _closing(body: str, delimiter: str) -> int:
    position = 1
    while position < len(body):
        if body[position] == "\\":
            position += 1
        elif body[position] == delimiter:
            return position
        position += 1
    return -1


def _result(text: str, parsed: Parsed[Found], flavour: Flavour) -> Callable[[Found], str]:
    assert isinstance(parsed.matches, _Matcher)
    pieces = _pieces(text)
    if all(isinstance(piece, str) for piece in pieces):
        constant = "".join(str(piece) for piece in pieces)
        return lambda found: constant
    _check_indexes(pieces, parsed.matches.group_count, flavour)
    return lambda found: "".join(
        piece if isinstance(piece, str) else found.groups[piece - 1] or "" for piece in pieces
    )


def _constant_result(
    text: str, parsed: Parsed[Found], flavour: Flavour
) -> Callable[[Found], str]:
    if not all(isinstance(piece, str) for piece in _pieces(text)):
        raise RuleError("regular expression substitution is not allowed: skipping this rule")
    return _result(text, parsed, flavour)


def _pieces(text: str) -> list[str | int]:
    """Split a result into literal text and group numbers."""
    pieces: list[str | int] = []
    position = 0
    for match in REFERENCE.finditer(text):
        pieces.append(text[position : match.start()])
        name = next((group for group in match.groups() if group is not None), "")
        if match[0] == "$$":
            pieces.append("$")
        elif name.isdigit():
            pieces.append(int(name))
        elif name:
            _bad_replacement(f'non-numeric replacement index "{name}"')
        else:
            _bad_replacement("bad replacement syntax")
        position = match.end()
    pieces.append(text[position:])
    return pieces


def _check_indexes(pieces: list[str | int], count: int | None, flavour: Flavour) -> None:
    for piece in pieces:
        if isinstance(piece, str):
            continue
        if count is None:
            complaint = "$number found in negative match replacement text"
            raise RuleError(f"{complaint}: skipping this rule")
        if piece == 0:
            _bad_replacement(f'{flavour.no_such_index} replacement index "{piece}"')
        if piece > count:
            complaint = f'out of range replacement index "{piece}"'
            raise RuleError(f"{complaint}: skipping this rule")


def _bad_replacement(complaint: str) -> None:
    raise RuleError(complaint, "bad replacement syntax: skipping this rule")


REFERENCE: Final = re.compile(r"\$(?:\$|\{(\w*)\}|\((\w*)\)|(\w+)|)")
