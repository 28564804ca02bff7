"""Follow the recipes of an rcfile until one of them has delivered the message.

STATES
    A recipe whose conditions hold and whose action succeeds ends everything, unless it is a
    copy (c), a filter (f), a capture (VAR=| ...) or a block.  When all statements are through
    and nothing has delivered, the message goes to $DEFAULT, and failing that to $ORGMAIL.

THE CHAIN
    A: and the last recipe without A or a held; a: and the one before succeeded;
    E: and none before in the chain held; e: and the one before failed.

CLONES
    A block with the flag c is followed by a copy of this process, which goes on behind the
    block as if it were the only one; the original passes the block over.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from labctl.node.procmail import actions, clones
from labctl.node.procmail.conditions import Surroundings, hold
from labctl.node.procmail.rcfile import Assignment, Complaint, Recipe, Statement, parse
from labctl.node.procmail.settings import LeaveRcfile, assign, is_true
from labctl.node.procmail.state import Processor


def include(processor: Processor, path: str) -> bool:
    """INCLUDERC, and the rcfiles of the command line: True when it could be read."""
    text = _read(path)
    if text is None:
        processor.diary.say(f'Couldn\'t read "{path}"')
        return False
    with _one_deeper(processor), contextlib.suppress(LeaveRcfile):
        outer = processor.variables.get("_", "")
        processor.variables["_"] = path
        run(processor, parse(text))
        processor.variables["_"] = outer
    return True


def run(processor: Processor, statements: Sequence[Statement]) -> bool:
    """Follow statements; True when the message is delivered."""
    chain = _Chain()
    for statement in statements:
        match statement:
            case Complaint():
                processor.diary.say(statement.text)
            case Assignment():
                _assign(processor, statement)
            case Recipe() if chain.admits(statement.flags):
                _try(processor, statement, chain)
        if processor.delivered:
            return True
    return False


def deliver_by_default(processor: Processor) -> bool:
    """$DEFAULT, then $ORGMAIL: whatever the rcfile says, mail must not get lost."""
    for name in ("DEFAULT", "ORGMAIL"):
        folder = processor.variables.get(name, "")
        if folder and actions.deliver_to_folder(processor, folder, locked=True):
            return True
    return False


def finish(processor: Processor) -> None:
    """The abstract of the last delivery: where there is a log, or somebody wants it."""
    _notify(processor)
    wanted = processor.variables.get("LOGABSTRACT", "")
    if is_true(wanted) if wanted else processor.diary.is_file:
        processor.diary.abstract(processor.message, *processor.last)


def _notify(processor: Processor) -> None:
    """COMSAT: nobody listens in a lab, but the log says that it was told."""
    comsat, (folder, size) = processor.variables.get("COMSAT", "yes"), processor.last
    if not processor.delivered or not is_true(comsat):
        return
    path = folder.split(" ")[0]
    where = f":{folder}"
    if os.path.exists(path):
        offset = max(0, os.stat(path).st_size - size) if os.path.isfile(path) else 0
        where = f"{offset}:{os.path.abspath(path)}"
    processor.diary.detail(f'Notified comsat: "{processor.variables["LOGNAME"]}@{where}"')


def _assign(processor: Processor, statement: Assignment) -> None:
    value = None if statement.value is None else processor.value(statement.value)
    assign(processor, statement.name, value)
    if statement.name == "INCLUDERC" and value:
        include(processor, value)
    elif (
        statement.name == "SWITCHRC"
        and value is not None
        and (not value or include(processor, value))
    ):
        raise LeaveRcfile


def _try(processor: Processor, recipe: Recipe, chain: _Chain) -> None:
    around = Surroundings(
        processor.message,
        processor.variables,
        processor.diary,
        processor.substitute,
        processor.run,
    )
    held = hold(recipe.conditions, recipe.flags, around)
    chain.saw(recipe.flags, held=held)
    if not held:
        return
    if recipe.block is None:
        chain.succeeded = actions.perform(processor, recipe)
        return
    if recipe.lock is not None and "c" not in recipe.flags:
        processor.diary.say("Extraneous locallockfile ignored")
    if "c" not in recipe.flags or clones.fork(processor, recipe):
        with _one_deeper(processor):
            run(processor, recipe.block)


@contextlib.contextmanager
def _one_deeper(processor: Processor) -> Iterator[None]:
    # An rcfile that includes itself would never end.
    if processor.depth >= DEEPEST:
        raise LeaveRcfile
    processor.depth += 1
    try:
        yield
    finally:
        processor.depth -= 1


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
        self.any_held = held or ("E" in flags and self.any_held)
        if not flags & {"A", "a"}:
            self.held = held
        self.tried = held
        self.succeeded = held


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return None


DEEPEST: Final = 64
