"""The rule files that regexp:, pcre: and cidr: share: patterns in order, if/endif, results.

regexp_table(5), pcre_table(5), cidr_table(5): the first rule that matches answers; rules
between `if` and `endif` are asked only when the condition holds. A line that is wrong is
skipped with a warning, and the rest of the table works.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.logical_lines import LogicalLine, logical_lines
from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.maps.table import Request

Answer = TypeVar("Answer")


class RuleError(ValueError):
    """The rule makes no sense and is skipped; each argument is a complaint."""


class Rule(NamedTuple, Generic[Answer]):
    """What a rule wants to match, and where to go on when it is an `if` that does not hold."""

    matches: Callable[[str], Answer | None]
    result: Callable[[Answer], str] | None  # None for `if`
    otherwise: int = 0


class RuleTable(Generic[Answer]):
    """Rules in the order of the file."""

    whole_keys_only = True

    def __init__(self, rules: Sequence[Rule[Answer]], warnings: Sequence[str]) -> None:
        self._rules, self.warnings = rules, warnings

    def lookup(self, key: str) -> str | None:
        """Return the result of the first rule that matches."""
        position, rules = 0, self._rules
        while position < len(rules):
            rule = rules[position]
            position += 1
            answer = rule.matches(key)
            if rule.result is None:
                position = position if answer is not None else rule.otherwise
            elif answer is not None:
                return rule.result(answer)
        return None

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: what patterns match cannot be listed."""
        yield from ()


def read_lines(request: Request) -> list[LogicalLine]:
    """Read the rules from the file, or from `{{rule}, {rule}}` in main.cf itself."""
    if request.name.startswith("{"):
        words = split_words(request.name[1:-1])
        return [LogicalLine(n, n, _inner(word)) for n, word in enumerate(words, start=1)]
    try:
        with open(request.name, encoding="utf-8", errors="surrogateescape") as lines:
            return list(logical_lines(lines))
    except OSError as error:
        raise Fatal(f"open {request.name}: {error.strerror}") from error


def _inner(word: str) -> str:
    return word[1:-1].strip() if word.startswith("{") and word.endswith("}") else word


class Parsed(NamedTuple, Generic[Answer]):
    """The pattern of a line, and the text that is left behind it."""

    matches: Callable[[str], Answer | None]
    rest: str


class Dialect(NamedTuple, Generic[Answer]):
    """How one kind of table reads a pattern and makes the result of a match."""

    pattern: Callable[[str], Parsed[Answer]]
    result: Callable[[str, Parsed[Answer]], Callable[[Answer], str]]


def build(request: Request, dialect: Dialect[Answer]) -> RuleTable[Answer]:
    """Make a table of the rules; complaints become warnings."""
    rules: list[Rule[Answer]] = []
    warnings: list[str] = []
    open_ifs: list[tuple[int, int]] = []  # (index of the rule, line)
    for line in read_lines(request):
        where = f"{request.type} map {request.name}, line {line.first}"
        try:
            _add(line, dialect, rules, open_ifs)
        except RuleError as error:
            warnings += [f"{where}: {complaint}" for complaint in error.args]
    for index, number in open_ifs:
        where = f"{request.type} map {request.name}, line {number}"
        warnings.append(f"{where}: IF has no matching ENDIF")
        rules[index] = rules[index]._replace(otherwise=len(rules))
    return RuleTable(rules, tuple(warnings))


def _add(
    line: LogicalLine,
    dialect: Dialect[Answer],
    rules: list[Rule[Answer]],
    open_ifs: list[tuple[int, int]],
) -> None:
    text = line.text.strip()
    if IF.match(text):
        parsed = dialect.pattern(text[2:].lstrip())
        open_ifs.append((len(rules), line.first))
        rules.append(Rule(parsed.matches, None))
        if parsed.rest:
            complaint = "ignoring extra text after IF statement"
            raise RuleError(f'{complaint}: "{parsed.rest}"')
    elif ENDIF.match(text):
        if not open_ifs:
            raise RuleError("ignoring ENDIF without matching IF")
        index, _ = open_ifs.pop()
        rules[index] = rules[index]._replace(otherwise=len(rules))
    else:
        parsed = dialect.pattern(text)
        rules.append(Rule(parsed.matches, dialect.result(parsed.rest, parsed)))


IF = re.compile(r"if[\s/!]", re.IGNORECASE)
ENDIF = re.compile(r"endif(\s|$)", re.IGNORECASE)
