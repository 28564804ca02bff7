"""Expand `$name`, `${name?{x}:{y}}` and their relatives, as postconf(5) defines them.

The same language serves main.cf, forward_path, mailbox_command, default_rbl_reply and bounce
templates; what a name means is the caller's business: a function from a name to its value,
already expanded, or None where there is no such name.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from labctl.node.base.log import Fatal

Lookup = Callable[[str], str | None]


class MacroError(ValueError):
    """The text has a '$' that starts nothing we can make sense of."""


class CompatibilityLevelError(MacroError):
    """A compatibility level is not of the form MAJOR[.MINOR[.PATCH]]."""


def expand(text: str, lookup: Lookup) -> str:
    """Replace every macro of `text`; a name without a value is replaced with nothing."""
    if "$" not in text:
        return text
    try:
        return _expand(text, lookup)
    except RecursionError:
        # Braces in braces, a thousand deep: nobody writes that for a good reason.
        raise MacroError("unreasonable macro call nesting") from None


def _expand(text: str, lookup: Lookup) -> str:
    pieces: list[str] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        pieces.append(text[position:dollar])
        macro = _macro_at(text, dollar + 1)
        pieces.append(_evaluate(macro.body, lookup))
        position = macro.end
    pieces.append(text[position:])
    return "".join(pieces)


def names_in(text: str) -> list[str]:
    """Name every parameter that `text` refers to, however deep."""
    names: list[str] = []

    def remember(name: str) -> str:
        names.append(name)
        return "1"

    if "$" in text:
        # Both branches of a condition count, whatever the condition says today.
        for branch in (remember, lambda name: remember(name)[:0]):
            try:
                expand(text, branch)
            except MacroError:
                continue
    return list(dict.fromkeys(names))


def compare_levels(left: str, right: str) -> int:
    """Compare two compatibility levels: negative, zero or positive."""
    a, b = parse_level(left), parse_level(right)
    return (a > b) - (a < b)


def parse_level(text: str) -> tuple[int, ...]:
    """Return (major, minor, patch) of a compatibility level."""
    if not LEVEL.fullmatch(text):
        raise CompatibilityLevelError(f'malformed compatibility level syntax: "{text}"')
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


class _Macro(NamedTuple):
    body: str | None  # None for "$$", which stands for a dollar sign
    end: int


def _macro_at(text: str, start: int) -> _Macro:
    opening = text[start : start + 1]
    if opening == "$":
        return _Macro(None, start + 1)
    if opening in BRACKETS:
        end = _closing(text, start, opening)
        if end < 0:
            raise MacroError(f'truncated macro reference: "{text}"')
        return _named(text[start + 1 : end], end + 1, text)
    name = NAME.match(text, start)
    assert name is not None  # the pattern matches the empty string
    return _named(name[0], name.end(), text)


def _named(body: str, end: int, text: str) -> _Macro:
    if not body:
        raise MacroError(f'empty macro name: "{text}"')
    return _Macro(body, end)


def _closing(text: str, start: int, opening: str) -> int:
    """Find the bracket that closes the one at `start`, or -1."""
    closing = BRACKETS[opening]
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == opening) - (text[position] == closing)
        if depth == 0:
            return position
    return -1


def _evaluate(body: str | None, lookup: Lookup) -> str:
    if body is None:
        return "$"
    if NAME.fullmatch(body):
        return lookup(body) or ""
    body = body.lstrip()
    if body.startswith("{"):
        value, rest = _compare(body, lookup)
    else:
        name = NAME.match(body)
        assert name is not None  # the pattern matches the empty string
        behind = body[name.end() :]
        rest = behind.lstrip()
        if rest[:1] not in ("", "?", ":"):
            raise MacroError(f'attribute name syntax error at: "...{name[0]}>>>{behind[:20]}"')
        value = lookup(name[0]) or ""
    return _choose(value, rest, lookup)


def _choose(value: str, rest: str, lookup: Lookup) -> str:
    """Apply `?{x}:{y}`, `?x` or `:y` to the value of a name or a comparison."""
    if not rest:
        return value
    kind = rest[0]
    if kind not in "?:":
        raise MacroError(f'"?" or ":" expected at: "...}}>>>{rest[:20]}"')
    branch, rest = _branch(rest[1:])
    otherwise = ""
    if kind == ":":
        branch, otherwise = "", branch
    elif rest and rest[0] != ":":
        raise MacroError(f'":" expected at: "...{branch}}}>>>{rest[:20]}"')
    elif rest:
        otherwise, rest = _branch(rest[1:])
    if rest:
        raise MacroError(f'unexpected input at: "...{otherwise}}}>>>{rest[:20]}"')
    return expand(branch if value else otherwise, lookup)


def _branch(text: str) -> tuple[str, str]:
    """Take `{x}` and return the rest, or take everything that is left."""
    stripped = text.lstrip()
    if not stripped.startswith("{"):
        return text, ""
    return _payload(stripped)


def _payload(text: str) -> tuple[str, str]:
    end = _closing(text, 0, "{")
    if end < 0:
        raise MacroError(f'unbalanced "{{" in: "...>>>{text[:20]}"')
    return text[1:end], text[end + 1 :].lstrip()


def _compare(body: str, lookup: Lookup) -> tuple[str, str]:
    """Evaluate `{left} operator {right}`; true is a text that is not empty."""
    left, rest = _payload(body)
    sign = OPERATOR.match(rest)
    if sign is None:
        expected = '"==" or "!="" or "<"" or "<="" or ">="" or ">" expected'
        raise MacroError(f'{expected} at: "...{left}}}>>>{rest[:20]}"')
    if sign[2] not in ("", "level"):
        raise MacroError(f'bad operator suffix at: "...{sign[1]}>>>{sign[2]}"')
    rest = rest[sign.end() :].lstrip()
    if not rest.startswith("{"):
        where = f"{{{left}}} {sign[0]}"
        raise MacroError(f'"{{expression}}" expected at: "...{where}>>>{rest[:20]}"')
    right, rest = _payload(rest)
    truth = _holds(sign[1], expand(left, lookup), expand(right, lookup), level=bool(sign[2]))
    return (TRUE if truth else ""), rest


def _holds(sign: str, left: str, right: str, *, level: bool) -> bool:
    compare = COMPARISONS[sign]
    if level:
        return compare(compare_levels(left, right), 0)
    if DIGITS.fullmatch(left) and DIGITS.fullmatch(right):
        return compare(_number(left), _number(right))
    return compare(left, right)


def _number(text: str) -> int:
    if len(text.lstrip("0")) > LONGEST_NUMBER:
        raise Fatal(f"mac_exp_eval: bad conversion: {text}")
    return int(text)


TRUE: Final = "true"
LONGEST_NUMBER: Final = 18  # digits that fit into 64 bits whatever they are
DIGITS: Final = re.compile(r"[0-9]+")
NAME: Final = re.compile(r"[A-Za-z0-9_]*")
LEVEL: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,2}")
OPERATOR: Final = re.compile(r"(==|!=|<=|>=|<|>)([A-Za-z0-9]*)")
BRACKETS: Final[Mapping[str, str]] = {"{": "}", "(": ")"}
COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">=": operator.ge,
    ">": operator.gt,
}
