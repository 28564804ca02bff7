"""What a recipe does with the message once its conditions hold.

    folder ...      !address ...      |command      VAR=| command

``perform()`` is True when the action succeeded; whether that ends everything is decided by
the flags, and noted in the processor.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

from labctl.node.procmail import commands, folders, locks, message, words
from labctl.node.procmail.folders import How, Stored
from labctl.node.procmail.message import Message
from labctl.node.procmail.rcfile import Recipe
from labctl.node.procmail.state import Processor
from labctl.node.store.mbox.delivery import CannotDeliver


def perform(processor: Processor, recipe: Recipe) -> bool:
    """Do it, under the lock that the recipe asks for."""
    with ExitStack() as held:
        held.enter_context(_rights(processor, recipe))
        if not locks.hold_for(processor, recipe, held):
            return False
        if capture := CAPTURE.match(recipe.action):
            return _capture(processor, recipe, capture[1], recipe.action[capture.end() :])
        if recipe.action.startswith("|"):
            return _pipe(processor, recipe, recipe.action[1:])
        if recipe.action.startswith("!"):
            return _forward(processor, recipe, recipe.action[1:])
        return _store(processor, recipe)


def deliver_to_folder(processor: Processor, folder: str, *, locked: bool) -> bool:
    """The last resort: the user's mailbox."""
    recipe = Recipe(frozenset(), "" if locked else None, (), folder)
    with ExitStack() as held:
        held.enter_context(_rights(processor, recipe))
        done = locks.hold_for(processor, recipe, held)
        return done and _store_in(processor, recipe, [folder])


def prepare_mailbox(processor: Processor) -> None:
    """procmail(1): a system mailbox that is not there is made, empty, before anything else."""
    path = processor.variables.get("ORGMAIL", "")
    recipe = Recipe(frozenset(), None, (), path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with _rights(processor, recipe), suppress(OSError):
        os.close(os.open(path, flags, folders.SPOOL_MODE))
        os.chmod(path, folders.SPOOL_MODE)


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


def _part(processor: Processor, recipe: Recipe) -> bytes:
    """Flags h and b: the header, the body, or both."""
    head, body = "h" in recipe.flags, "b" in recipe.flags
    if head == body:
        return processor.message.text
    return processor.message.head if head else processor.message.body


def _store(processor: Processor, recipe: Recipe) -> bool:
    names = words.split(recipe.action, processor.variables, processor.substitute)
    if len(names) > 1 and not folders.is_directory(names[0]):
        # Only files in directories can be linked into others.
        processor.diary.say(f'Skipped "{" ".join(names[1:])}"')
        del names[1:]
    return _store_in(processor, recipe, names or [""])


def _store_in(processor: Processor, recipe: Recipe, names: list[str]) -> bool:
    how = How(
        prefix=processor.variables.get("MSGPREFIX", "msg."),
        raw="r" in recipe.flags,
        is_spool=names[0] == processor.variables.get("ORGMAIL"),
    )
    diary, is_directory = processor.diary, folders.is_directory(names[0])
    if not is_directory:
        diary.detail(f'Assigning "LASTFOLDER={names[0]}"')
        diary.detail(f'Opening "{names[0]}"')
    try:
        stored = folders.store(names[0], _part(processor, recipe), how)
        paths = [stored.folder, *(folders.link(stored.folder, other) for other in names[1:])]
    except CannotDeliver as failure:
        if "i" not in recipe.flags:
            diary.say(failure.reason)
            return False
        return True
    if is_directory:
        diary.detail(f'Assigning "LASTFOLDER={stored.folder}"')
        for path in paths[1:]:
            diary.detail(f'Linking to "{path}"')
    elif names[0] != os.devnull:
        diary.detail("Acquiring kernel-lock")
        # procmail takes a second for a file that was not there; its log has the time again.
        diary.stamp_if_verbose(again=os.path.getsize(names[0]) == stored.size)
    processor.variables["LASTFOLDER"] = stored.folder
    _conclude(processor, recipe, Stored(" ".join(paths), stored.size))
    return True


def _pipe(processor: Processor, recipe: Recipe, line: str) -> bool:
    data = _part(processor, recipe)
    data = data if "r" in recipe.flags else message.for_pipe(data)
    ended = processor.run(line, data)
    failed = not ended.succeeded and _waits(recipe)
    if failed and "W" not in recipe.flags:
        processor.diary.say(f'Program failure ({ended.status}) of "{ended.name}"')
        if "f" in recipe.flags:
            processor.diary.say("Rescue of unfiltered data succeeded")
    if "f" in recipe.flags:
        if not failed:
            processor.message = _filtered(processor.message, recipe, ended.output)
        return not failed
    processor.variables["LASTFOLDER"] = ended.shown
    processor.diary.detail(f'Assigning "LASTFOLDER={ended.shown}"')
    if not failed:
        _conclude(processor, recipe, Stored(ended.shown, len(data)))
    return not failed


def _waits(recipe: Recipe) -> bool:
    """Without w, W or a lock nobody asks how it ended: what was written was delivered."""
    return bool(recipe.flags & {"w", "W"}) or locks.is_locked(recipe)


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
    processor.diary.detail(f'Assigning "{name}="')
    ended = processor.run(line, message.for_pipe(_part(processor, recipe)))
    text = ended.output.decode("utf-8", "surrogateescape").removesuffix("\n")
    processor.variables[name] = text
    return ended.succeeded or not recipe.flags & {"w", "W"}


def _forward(processor: Processor, recipe: Recipe, line: str) -> bool:
    variables = processor.variables
    flags = variables.get("SENDMAILFLAGS", "").split()
    addresses = words.split(line, variables, processor.substitute)
    argv = [variables.get("SENDMAIL", ""), *flags, *addresses]
    data = message.for_pipe(message.for_maildir(_part(processor, recipe)))
    ended = commands.execute(argv, data, variables, processor.diary)
    if not ended.succeeded:
        processor.diary.say(f'Program failure ({ended.status}) of "{ended.name}"')
        return False
    processor.variables["LASTFOLDER"] = ended.shown
    processor.diary.detail(f'Assigning "LASTFOLDER={ended.shown}"')
    _conclude(processor, recipe, Stored(ended.shown, len(data)))
    return True


def _conclude(processor: Processor, recipe: Recipe, stored: Stored) -> None:
    """A copy ends nothing, and is logged only when everything is (LOGABSTRACT=all)."""
    processor.last = (stored.folder, stored.size)
    if "c" not in recipe.flags:
        processor.delivered = True
    elif processor.variables.get("LOGABSTRACT", "").lower().startswith("a"):
        processor.diary.abstract(processor.message, *stored)


CAPTURE: Final = re.compile(r"([A-Za-z_]\w*)\s*=\s*\|\s*")
