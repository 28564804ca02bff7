"""Follow the recipes of an rcfile until one of them has delivered the message.

STATES
    A recipe whose conditions hold and whose action succeeds ends everything, unless it is a
    copy (c), a filter (f), a capture (VAR=| ...) or a block.  When all statements are through
    and nothing has delivered, the message goes to $DEFAULT, and failing that to $ORGMAIL.

THE CHAIN
    A: and the last recipe without A or a held; a: and the one before succeeded;
    E: and none before in the chain held; e: and the one before failed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from labctl.node.procmail import actions, words
from labctl.node.procmail.conditions import Surroundings, hold
from labctl.node.procmail.diary import Diary
from labctl.node.procmail.message import Message
from labctl.node.procmail.rcfile import Assignment, Recipe, Statement, parse
from labctl.node.procmail.settings import SPECIAL, LeaveRcfile, is_true


@dataclass
class Processor:
    """One message, the variables, and what has happened to the message so far."""

    message: Message
    variables: dict[str, str]
    diary: Diary
    delivered: bool = False
    # Where the message went last, and how much of it: for the abstract.
    last: tuple[str, int] = ("", 0)
    depth: int = 0
    spool_group: int = -1  # the group that may write into the directory of mailboxes

    def substitute(self, command: str) -> str:
        """What stands between backquotes: the command's output without its last line ends."""
        ended = actions.run(self, command, self.message.text)
        return ended.output.decode("utf-8", "surrogateescape").rstrip("\n")

    def value(self, text: str) -> str:
        return words.expand(text, self.variables, self.substitute)

    def assign(self, name: str, value: str | None) -> None:
        """Set a variable, and do what some of them do at once."""
        if value is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = value
        if name not in UNSPOKEN:
            self.diary.detail(f'Assigning "{name}={value or ""}"')
        if effect := SPECIAL.get(name):
            effect(self, value or "")

    def include(self, path: str) -> bool:
        """INCLUDERC, SWITCHRC: True when something in it delivered."""
        text = _read(path)
        if text is None:
            self.diary.say(f'Couldn\'t read "{path}"')
            return False
        with self._one_deeper(), contextlib.suppress(LeaveRcfile):
            self.run(parse(text))
        return self.delivered

    def run(self, statements: Sequence[Statement]) -> bool:
        """Follow statements; True when the message is delivered."""
        chain = _Chain()
        for statement in statements:
            if isinstance(statement, Assignment):
                value = statement.value
                self.assign(statement.name, None if value is None else self.value(value))
            elif chain.admits(statement.flags):
                self._try(statement, chain)
            if self.delivered:
                return True
        return False

    def _try(self, recipe: Recipe, chain: _Chain) -> None:
        around = Surroundings(
            self.message,
            self.variables,
            self.diary,
            self.substitute,
            lambda line: actions.run(self, line, self.message.text),
        )
        held = hold(recipe.conditions, recipe.flags, around)
        chain.saw(recipe.flags, held=held)
        if not held:
            return
        if recipe.block is None:
            chain.succeeded = actions.perform(self, recipe)
        elif "c" in recipe.flags:
            self._clone(recipe.block, recipe)
        else:
            with self._one_deeper():
                self.run(recipe.block)

    def _clone(self, block: Sequence[Statement], recipe: Recipe) -> None:
        """A copy of message and variables goes through the block; ours goes on after it."""
        clone = replace(self, variables=dict(self.variables))
        clone.run(block)
        if clone.delivered and clone.last[0]:
            self.diary.abstract(clone.message, *clone.last)

    @contextlib.contextmanager
    def _one_deeper(self) -> Iterator[None]:
        # An rcfile that includes itself would never end.
        if self.depth >= DEEPEST:
            raise LeaveRcfile
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


@dataclass
class _Chain:
    """What the flags A, a, E and e refer to, in one block."""

    held: bool = False  # the last recipe without A or a
    any_held: bool = False  # one recipe of the else-if chain
    succeeded: bool = False
    tried: bool = False

    def admits(self, flags: frozenset[str]) -> bool:
        if "A" in flags and not self.held:
            return False
        if "a" in flags and not (self.held and self.succeeded):
            return False
        if "E" in flags and self.any_held:
            return False
        return not ("e" in flags and not (self.tried and not self.succeeded))

    def saw(self, flags: frozenset[str], *, held: bool) -> None:
        if not flags & {"A", "a"}:
            self.any_held = held or ("E" in flags and self.any_held)
            self.held = held
        self.tried = held
        self.succeeded = held


def deliver_by_default(processor: Processor) -> bool:
    """$DEFAULT, then $ORGMAIL: whatever the rcfile says, mail must not get lost."""
    for name in ("DEFAULT", "ORGMAIL"):
        folder = processor.variables.get(name, "")
        if folder and actions.deliver_to_folder(processor, folder, locked=True):
            return True
    return False


def finish(processor: Processor) -> None:
    """The abstract of the last delivery."""
    if is_true(processor.variables.get("LOGABSTRACT", "yes")):
        processor.diary.abstract(processor.message, *processor.last)


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return None


DEEPEST: Final = 64
UNSPOKEN: Final = frozenset({"VERBOSE", "LOG", "LOGFILE", "LASTFOLDER"})
