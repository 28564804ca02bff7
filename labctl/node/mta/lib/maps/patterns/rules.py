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
from labctl.node.mta.lib.maps.patterns.expression import MatchFailure
from labctl.node.mta.lib.maps.table import Request

Answer = TypeVar("Answer")


class RuleError(ValueError):
    """The rule makes no sense and is skipped; each argument is a complaint."""


class Rule(NamedTuple, Generic[Answer]):
    """What a rule wants to match, and where to go on when it is an `if` that does not hold."""

    line: int
    matches: Callable[[str], Answer | None]
    result: Callable[[Answer], str] | None  # None for `if`
    otherwise: int = 0


class RuleTable(Generic[Answer]):
    """Rules in the order of the file."""

    whole_keys_only = True

    def __init__(
        self, rules: Sequence[Rule[Answer]], warnings: Sequence[str], request: Request
    ) -> None:
        self._rules, self.warnings, self._request = rules, warnings, request

    def lookup(self, key: str) -> str | None:
        """Return the result of the first rule that matches."""
        position, rules = 0, self._rules
        while position < len(rules):
            rule = rules[position]
            position += 1
            answer = self._ask(rule, key)
            if rule.result is None:
                position = position if answer is not None else rule.otherwise
            elif answer is not None:
                return rule.result(answer)
        return None

    def _ask(self, rule: Rule[Answer], key: str) -> Answer | None:
        try:
            return rule.matches(key)
        except MatchFailure as failure:
            self._request.config.warn(f"{where(self._request, rule.line)}: {failure}")
            return None

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: what patterns match cannot be listed."""
        yield from ()


def read_lines(request: Request) -> list[LogicalLine]:
    """Read the rules from the file, or from `{{rule}, {rule}}` in main.cf itself."""
    if request.name.startswith("{"):
        words = split_words(request.name[1:-1])
        for word in words:
            if not word.startswith("{"):
                complaint = f"no '{{' at start of text in \"{word}\""
                raise Fatal(f"{request.type} map: {complaint}")
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


class Words(NamedTuple):
    """How a kind of table complains."""

    no_if: str = "ignoring ENDIF without matching IF"
    garbage: str = "ignoring extra text after ENDIF"
    unrecognized: str = "ignoring unrecognized request"  # of a line that begins with a letter
    long_condition: str = ""  # refuses an `if` with something behind its pattern


class Dialect(NamedTuple, Generic[Answer]):
    """How one kind of table reads a pattern and makes the result of a match."""

    pattern: Callable[[str], Parsed[Answer]]
    result: Callable[[str, Parsed[Answer]], Callable[[Answer], str]]
    words: Words = Words()


def build(request: Request, dialect: Dialect[Answer]) -> RuleTable[Answer]:
    """Make a table of the rules; complaints become warnings."""
    rules: list[Rule[Answer]] = []
    warnings: list[str] = []
    open_ifs: list[tuple[int, int]] = []  # (index of the rule, line)
    for line in read_lines(request):
        try:
            _add(line, dialect, rules, open_ifs)
        except RuleError as error:
            place = where(request, line.first)
            warnings += [f"{place}: {complaint}" for complaint in error.args]
    for index, number in open_ifs:
        warnings.append(f"{where(request, number)}: IF has no matching ENDIF")
        rules[index] = rules[index]._replace(otherwise=len(rules))
    return RuleTable(rules, tuple(warnings), request)


def where(request: Request, line: int) -> str:
    """Name a line of a table in a warning."""
    return f"{request.type} map {request.name}, line {line}"


def _add(
    line: LogicalLine,
    dialect: Dialect[Answer],
    rules: list[Rule[Answer]],
    open_ifs: list[tuple[int, int]],
) -> None:
    text = line.text.strip()
    if IF.match(text):
        condition = text[2:].lstrip()
        parsed = dialect.pattern(condition)
        if parsed.rest and dialect.words.long_condition:
            raise RuleError(dialect.words.long_condition.format(condition))
        open_ifs.append((len(rules), line.first))
        rules.append(Rule(line.first, parsed.matches, None))
        if parsed.rest:
            complaint = f'ignoring extra text after IF statement: "{parsed.rest}"'
            raise RuleError(complaint, INDENTED)
    elif ENDIF.match(text):
        if not open_ifs:
            raise RuleError(dialect.words.no_if)
        index, _ = open_ifs.pop()
        rules[index] = rules[index]._replace(otherwise=len(rules))
        if len(text) > len("endif"):
            raise RuleError(dialect.words.garbage)
    else:
        if dialect.words.unrecognized and text[:1].isalnum():
            raise RuleError(dialect.words.unrecognized)
        parsed = dialect.pattern(text)
        result = dialect.result(parsed.rest, parsed)
        rules.append(Rule(line.first, parsed.matches, result))
        if not parsed.rest:
            raise RuleError("no replacement text: using empty string")


INDENTED = "do not prepend whitespace to statements between IF and ENDIF"
IF = re.compile(r"if[\s/!]", re.IGNORECASE)
ENDIF = re.compile(r"endif(\s|$)", re.IGNORECASE)
