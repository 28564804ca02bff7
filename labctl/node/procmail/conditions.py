"""The conditions of a recipe: whether they hold, and what they score.

THE FORMS, procmailrc(5) and procmailsc(5)
    [w^x] [!] [$] regexp | ? command | < size | > size | VAR ?? regexp | HB ?? regexp

SCORES
    A condition with a weight never decides by itself: its score is added up, and the recipe
    is used when the sum is greater than zero in the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from labctl.node.procmail import words
from labctl.node.procmail.commands import Ended
from labctl.node.procmail.diary import Diary
from labctl.node.procmail.message import Message
from labctl.node.procmail.patterns import compile_pattern, matched_part

LARGEST: Final = 2147483647.0


@dataclass
class Surroundings:
    """What conditions look at; ``variables`` is where $MATCH and $= go."""

    message: Message
    variables: dict[str, str]
    diary: Diary
    substitute: Callable[[str], str]
    run: Callable[[str, bytes], Ended]


class _Outcome(NamedTuple):
    """How often a condition holds, and how much of something there is for each time."""

    holds: bool
    gain: Callable[[float, float], float]


def hold(conditions: Sequence[str], flags: Collection[str], around: Surroundings) -> bool:
    """Whether all of them hold, and their scores add up to something."""
    score, weighted = 0.0, False
    for written in conditions:
        condition = _substituted(written, around)
        weight = WEIGHT.match(condition)
        text = condition[weight.end() :] if weight else condition
        outcome, negated, shown = _evaluate(text, flags, around)
        if weight is None:
            if outcome.holds == negated:
                around.diary.detail(_told(outcome.holds, negated, shown))
                return False
            around.diary.detail(_told(outcome.holds, negated, shown))
            continue
        weighted = True
        base, growth = float(weight[1]), float(weight[2])
        gained = (0.0 if outcome.holds else base) if negated else outcome.gain(base, growth)
        score = max(-LARGEST, min(LARGEST, score + gained))
        around.diary.detail(f'Score: {gained:7.0f} {score:7.0f} "{shown}"')
        if abs(score) >= LARGEST:
            # procmailsc(5): at either end of the scale the rest is not looked at.
            break
    around.variables["="] = str(int(score))
    return score > 0 if weighted else True


def _told(holds: bool, negated: bool, shown: str) -> str:
    sign = "! " if negated else ""
    return f'{"Match" if holds != negated else "No match"} on {sign}"{shown}"'


def _evaluate(
    text: str, flags: Collection[str], around: Surroundings
) -> tuple[_Outcome, bool, str]:
    text, negated = _signs(text, around, negated=False)
    area, rest = _area(text, flags, around)
    is_named = rest != text
    if is_named:
        text, negated = _signs(rest, around, negated=negated)
    if text[:1] == "?":
        return _command(text[1:].strip(), area, around), negated, text[1:].strip()
    if text[:1] in ("<", ">") and text[1:].strip().isdecimal():
        # procmailrc(5): the size is that of the whole message, unless a variable is named.
        size = len(area if is_named else around.message.text)
        return _size(text, size), negated, text
    return _regexp(text, area, flags, around), negated, text


def _signs(text: str, around: Surroundings, *, negated: bool) -> tuple[str, bool]:
    while found := PREFIX.match(text):
        text = text[found.end() :]
        if found[1] == "$":
            text = words.expand_inside_quotes(text, around.variables, around.substitute)
        else:
            negated = not negated
    return text.strip(), negated


def _substituted(condition: str, around: Surroundings) -> str:
    """A condition that begins with $ may get its weight from a variable."""
    if not condition.startswith("$"):
        return condition
    rest = condition[1:].lstrip()
    return words.expand_inside_quotes(rest, around.variables, around.substitute)


def _command(line: str, area: bytes, around: Surroundings) -> _Outcome:
    ended = around.run(line, area)
    status = ended.status
    if status:
        around.diary.detail(f'Non-zero exitcode ({status}) from "{ended.name}"')
    return _Outcome(status == 0, lambda base, growth: growth if status else base)


def _size(text: str, size: int) -> _Outcome:
    limit = int(text[1:])
    smaller = text[0] == "<"
    holds = size < limit if smaller else size > limit
    ratio = (limit / size if smaller else size / limit) if size and limit else 0.0
    # procmailsc(5): w * (M/L)^x, whether the condition holds or not.
    return _Outcome(holds, lambda base, growth: float(base * ratio**growth))


def _area(text: str, flags: Collection[str], around: Surroundings) -> tuple[bytes, str]:
    """What to search in, and for what."""
    if found := OTHER_AREA.match(text):
        name, pattern = found[1], text[found.end() :]
        if name in AREAS:
            return _part(set(name), around.message), pattern
        value = around.variables.get(name, "")
        return value.encode("utf-8", "surrogateescape"), pattern
    return _part({"H", "B"}.intersection(flags) or {"H"}, around.message), text


def _part(areas: Collection[str], message: Message) -> bytes:
    head = message.unfolded_head() if "H" in areas else b""
    return head + (message.body if "B" in areas else b"")


def _regexp(
    pattern: str, area: bytes, flags: Collection[str], around: Surroundings
) -> _Outcome:
    # A backslash may protect a first character that would mean something else.
    if pattern[:1] == "\\" and pattern[1:2] in PROTECTED:
        pattern = pattern[1:]
    compiled = _compiled(pattern, flags, around)
    if compiled is None:
        return _Outcome(False, lambda _base, _growth: 0.0)
    found = compiled.search(area)
    if found and (part := matched_part(found)) is not None:
        text = part.decode("utf-8", "surrogateescape")
        around.variables["MATCH"] = text
        around.diary.detail('Assigning "MATCH="')
        around.diary.detail(f'Matched "{text}"')
    return _Outcome(found is not None, lambda base, growth: _sum(compiled, area, base, growth))


def _compiled(
    pattern: str, flags: Collection[str], around: Surroundings
) -> re.Pattern[bytes] | None:
    """The expression; one that was left open is told, and closed."""
    for tried in (pattern, f"{pattern})"):
        try:
            return compile_pattern(tried, distinguish_case="D" in flags)
        except re.error:
            if tried is pattern:
                around.diary.say(f'Invalid regexp "{pattern}"')
    return None


def _sum(pattern: re.Pattern[bytes], area: bytes, base: float, growth: float) -> float:
    """procmailsc(5): w + w*x + w*x^2 ..., one term for each match."""
    total, term = 0.0, base
    for _ in pattern.finditer(area):
        total += term
        term *= growth
        # Terms that change nothing any more need not be counted.
        if abs(term) < 1e-9 or abs(total) > LARGEST:
            break
    return total


NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
WEIGHT: Final = re.compile(rf"({NUMBER})\^({NUMBER})(?:\s+|$)")
PREFIX: Final = re.compile(r"([!$])\s*(?!\?\?)")
OTHER_AREA: Final = re.compile(r"([A-Za-z_]\w*)\s*\?\?\s*")
AREAS: Final = frozenset({"H", "B", "HB", "BH"})
PROTECTED: Final = "!$?<> "
