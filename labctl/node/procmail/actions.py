"""What a recipe does with the message once its conditions hold.

    folder      !address ...      |command      VAR=| command

``perform()`` is True when the action succeeded; whether that ends everything is decided by
the flags, and noted in the processor.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from labctl.node.procmail import commands, message, words
from labctl.node.procmail.commands import Ended
from labctl.node.procmail.folders import How, store
from labctl.node.procmail.message import Message
from labctl.node.procmail.rcfile import Recipe
from labctl.node.store.locking import LockPolicy, dotlock
from labctl.node.store.mbox.delivery import CannotDeliver

if TYPE_CHECKING:
    from labctl.node.procmail.interpreter import Processor


def perform(processor: Processor, recipe: Recipe) -> bool:
    """Do it, under the lock that the recipe asks for."""
    with ExitStack() as held:
        held.enter_context(_rights(processor, recipe))
        if not _lock(processor, recipe, held):
            return False
        if capture := CAPTURE.match(recipe.action):
            return _capture(processor, recipe, capture[1], recipe.action[capture.end() :])
        if recipe.action.startswith("|"):
            return _pipe(processor, recipe, recipe.action[1:])
        if recipe.action.startswith("!"):
            return _forward(processor, recipe, recipe.action[1:])
        return _store(processor, recipe)


def run(processor: Processor, line: str, data: bytes) -> Ended:
    """Run a command of the rcfile; $? is what it ended with."""
    processor.diary.detail(f'Executing "{line.strip()}"')
    descriptor = processor.diary.descriptor
    ended = commands.run(line, data, processor.variables, descriptor, processor.substitute)
    processor.variables["?"] = str(ended.status)
    return ended


def deliver_to_folder(processor: Processor, folder: str, *, locked: bool) -> bool:
    """The last resort: the user's mailbox."""
    recipe = Recipe(frozenset(), "" if locked else None, (), folder)
    with ExitStack() as held:
        held.enter_context(_rights(processor, recipe))
        return _lock(processor, recipe, held) and _store_in(processor, recipe, folder)


@contextmanager
def _rights(processor: Processor, recipe: Recipe) -> Iterator[None]:
    """The group of the spool directory, for the mailbox there and its lock only."""
    ours = os.getegid()
    spool = processor.variables.get("ORGMAIL", "")
    if processor.spool_group == ours or recipe.action not in ("$DEFAULT", "$ORGMAIL", spool):
        yield
        return
    with suppress(PermissionError):  # started by hand, without the group: the mode decides
        os.setegid(processor.spool_group)
    try:
        yield
    finally:
        os.setegid(ours)


def _lock(processor: Processor, recipe: Recipe, held: ExitStack) -> bool:
    if recipe.lock is None or recipe.action == "/dev/null":
        return True
    name = processor.value(recipe.lock) if recipe.lock else _implicit_lock(processor, recipe)
    if not name:
        what = recipe.action.removeprefix("|")
        processor.diary.say(f'Couldn\'t determine implicit lockfile from "{what}"')
        return True
    processor.diary.detail(f'Locking "{name}"')
    patience = float(processor.variables.get("LOCKTIMEOUT") or 1024)
    policy = LockPolicy(attempts=1, delay=patience, stale_seconds=patience)
    extension = processor.variables.get("LOCKEXT", ".lock")
    try:
        held.enter_context(dotlock(name.removesuffix(".lock"), policy))
    except OSError:
        # procmail goes on without it: a mailbox in a foreign directory is still a mailbox.
        processor.diary.detail(f'Lock failure on "{name}"')
        return name == processor.variables.get("ORGMAIL", "") + extension or recipe.lock == ""
    held.callback(processor.diary.detail, f'Unlocking "{name}"')
    return True


def _implicit_lock(processor: Processor, recipe: Recipe) -> str:
    """The folder's name, or that of the file a command appends to, with $LOCKEXT."""
    extension = processor.variables.get("LOCKEXT", ".lock")
    if recipe.action.startswith("|"):
        found = APPENDS.search(recipe.action)
        return processor.value(found[1]) + extension if found else ""
    if recipe.action.startswith("!"):
        return ""
    return processor.value(recipe.action).rstrip("/") + extension


def _part(processor: Processor, recipe: Recipe) -> bytes:
    """Flags h and b: the header, the body, or both."""
    head, body = "h" in recipe.flags, "b" in recipe.flags
    if head == body:
        return processor.message.text
    return processor.message.head if head else processor.message.body


def _store(processor: Processor, recipe: Recipe) -> bool:
    folders = words.split(recipe.action, processor.variables, processor.substitute)
    return _store_in(processor, recipe, folders[0] if folders else "")


def _store_in(processor: Processor, recipe: Recipe, folder: str) -> bool:
    variables = processor.variables
    how = How(
        prefix=variables.get("MSGPREFIX", "msg."),
        raw="r" in recipe.flags,
        mode=SPOOL_MODE if folder == variables.get("ORGMAIL") else 0o600,
    )
    processor.diary.detail(f'Assigning "LASTFOLDER={folder}"')
    processor.diary.detail(f'Opening "{folder}"')
    try:
        stored = store(folder, _part(processor, recipe), how)
    except CannotDeliver as failure:
        if "i" not in recipe.flags:
            processor.diary.say(failure.reason)
            return False
        return True
    variables["LASTFOLDER"] = stored.folder
    _conclude(processor, recipe, stored.folder, stored.size)
    return True


def _pipe(processor: Processor, recipe: Recipe, line: str) -> bool:
    data = _part(processor, recipe)
    data = data if "r" in recipe.flags else message.for_pipe(data)
    ended = run(processor, line, data)
    # Without w, W or a lock nobody waits for the exit status: what was written was delivered.
    waits = recipe.flags & {"w", "W"} or recipe.lock is not None
    if not ended.succeeded and (waits or ended.status == NOT_FOUND):
        if "w" in recipe.flags or ended.status == NOT_FOUND:
            processor.diary.say(f'Program failure ({ended.status}) of "{ended.name}"')
        if "f" in recipe.flags:
            processor.diary.say("Rescue of unfiltered data succeeded")
        return False
    if "f" in recipe.flags:
        processor.message = _filtered(processor.message, recipe, ended.output)
        return True
    _conclude(processor, recipe, line, len(data))
    return True


def _filtered(old: Message, recipe: Recipe, output: bytes) -> Message:
    head, body = "h" in recipe.flags, "b" in recipe.flags
    if head == body:
        return Message.parse(output)
    if body:
        return Message(old.head, output)
    # A filter of the header that drops the empty line would join header and body.
    end = b"" if output.endswith(b"\n\n") else b"\n"
    return Message(output + end, old.body)


def _capture(processor: Processor, recipe: Recipe, name: str, line: str) -> bool:
    ended = run(processor, line, message.for_pipe(_part(processor, recipe)))
    text = ended.output.decode("utf-8", "surrogateescape").removesuffix("\n")
    processor.assign(name, text)
    return ended.succeeded or not recipe.flags & {"w", "W"}


def _forward(processor: Processor, recipe: Recipe, line: str) -> bool:
    variables = processor.variables
    flags = variables.get("SENDMAILFLAGS", "").split()
    addresses = words.split(line, variables, processor.substitute)
    argv = [variables.get("SENDMAIL", ""), *flags, *addresses]
    processor.diary.detail(f'Executing "{",".join(argv)}"')
    data = message.for_maildir(_part(processor, recipe))
    ended = commands.execute(
        argv, data, variables, processor.diary.descriptor, name=" ".join(argv)
    )
    if not ended.succeeded:
        processor.diary.say(f'Program failure ({ended.status}) of "{ended.name}"')
        return False
    _conclude(processor, recipe, ended.name, len(data))
    return True


def _conclude(processor: Processor, recipe: Recipe, folder: str, size: int) -> None:
    """A copy ends nothing, and is logged only when everything is (LOGABSTRACT=all)."""
    if "c" not in recipe.flags:
        processor.delivered = True
        processor.last = (folder, size)
    elif processor.variables.get("LOGABSTRACT", "").lower().startswith("a"):
        processor.diary.abstract(processor.message, folder, size)


NOT_FOUND: Final = 127
# /var/mail/USER belongs to the user and the group mail.
SPOOL_MODE: Final = 0o660
CAPTURE: Final = re.compile(r"([A-Za-z_]\w*)\s*=\s*\|\s*")
APPENDS: Final = re.compile(r">>\s*(\S+)")
