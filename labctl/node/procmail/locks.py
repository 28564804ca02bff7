"""Lock files of recipes and of the rcfile as a whole: LOCKFILE, LOCKEXT, LOCKTIMEOUT."""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack
from typing import Final

from labctl.node.procmail.rcfile import Recipe
from labctl.node.procmail.state import Processor
from labctl.node.store.locking import LockPolicy, dotlock

LOCK_TIMEOUT: Final = 1024  # seconds, procmailrc(5)
EXTENSION: Final = ".lock"


def hold_for(processor: Processor, recipe: Recipe, held: ExitStack) -> bool:
    """The lock that a recipe asks for; False when it must not go on without."""
    if recipe.lock is None or recipe.action == os.devnull:
        return True
    name = processor.value(recipe.lock) if recipe.lock else _implicit(processor, recipe)
    if not name:
        what = recipe.action.removeprefix("|")
        processor.diary.say(f'Couldn\'t determine implicit lockfile from "{what}"')
        return True
    if hold(processor, name, held):
        return True
    # procmail goes on without it: a mailbox in a foreign directory is still a mailbox.
    mailbox = processor.variables.get("ORGMAIL", "")
    return name == mailbox + _extension(processor) or recipe.lock == ""


def hold(processor: Processor, name: str, held: ExitStack) -> bool:
    """Make a lock file; ``held`` removes it."""
    diary = processor.diary
    diary.detail(f'Locking "{name}"')
    patience = float(processor.number("LOCKTIMEOUT", LOCK_TIMEOUT))
    if patience and _age(name) > patience:
        diary.say(f'Forcing lock on "{name}"')
    policy = LockPolicy(attempts=1, delay=patience, stale_seconds=patience)
    try:
        held.enter_context(dotlock(name.removesuffix(EXTENSION), policy))
    except OSError:
        diary.detail(f'Lock failure on "{name}"')
        return False
    held.callback(diary.detail, f'Unlocking "{name}"')
    return True


def is_locked(recipe: Recipe) -> bool:
    """Whether the recipe has a lock, and its name can be known."""
    if recipe.lock == "" and recipe.action.startswith(("|", "!")):
        return APPENDS.search(recipe.action) is not None
    return recipe.lock is not None


def _age(name: str) -> float:
    try:
        return time.time() - os.stat(name).st_mtime
    except OSError:
        return 0.0


def _extension(processor: Processor) -> str:
    return processor.variables.get("LOCKEXT", EXTENSION)


def _implicit(processor: Processor, recipe: Recipe) -> str:
    """The folder's name, or that of the file a command appends to, with $LOCKEXT."""
    if recipe.action.startswith("|"):
        found = APPENDS.search(recipe.action)
        return processor.value(found[1]) + _extension(processor) if found else ""
    if recipe.action.startswith("!"):
        return ""
    return processor.value(recipe.action).rstrip("/") + _extension(processor)


APPENDS: Final = re.compile(r">>\s*(\S+)")
