"""STORE and UID STORE: change flags (RFC 3501 6.4.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.imapd.answers import Bad, Call, Done
from labctl.node.imapd.session import Session
from labctl.node.store.flags import SYSTEM
from labctl.node.wire.imap.args import Arguments

_KEYWORD: Final = re.compile(r"[!#$&'+-\[^-z|}~]+")

Combine = Callable[[int, int], int]
ACTIONS: Final[Mapping[str, Combine]] = {
    "FLAGS": lambda _old, given: given,
    "+FLAGS": lambda old, given: old | given,
    "-FLAGS": lambda old, given: old & ~given,
}


def store(session: Session, arguments: Arguments, call: Call) -> Done:
    """RFC 3501 6.4.6."""
    sequence = arguments.word()
    action = arguments.word().decode("latin-1").upper()
    words = _words(arguments)
    messages = session.messages_in(call, sequence)
    combine = ACTIONS.get(action.removesuffix(".SILENT"))
    if combine is None:
        raise Bad(f"Bogus attribute list in {call.name}")
    flags, keywords = _bits(session, words, create=not action.startswith("-"))
    for _, message in messages:
        session.mailbox.set_flags(
            message, combine(message.flags, flags), combine(message.keywords, keywords)
        )
        if action.endswith(".SILENT"):
            session.changed.discard(message.uid)
        else:
            session.changed.add(message.uid)
    return Done()


def _words(arguments: Arguments) -> list[str]:
    """A list in parentheses, or bare words."""
    if arguments.rest is not None and arguments.rest.startswith(b"("):
        words = arguments.parenthesized()
        arguments.end()
    else:
        words = arguments.take_rest()
    return words.decode("latin-1").split()


def _bits(session: Session, words: list[str], *, create: bool) -> tuple[int, int]:
    flags = keywords = 0
    for word in words:
        if word.startswith("\\"):
            flags |= _system_flag(session, word)
        elif not _KEYWORD.fullmatch(word):
            session.warn(f"Invalid flag: {word}")
        else:
            bit = session.mailbox.keyword_bit(word, create=create)
            if not bit:
                session.warn(f"Unknown flag: {word}")
            keywords |= bit
    return flags, keywords


def _system_flag(session: Session, word: str) -> int:
    bit = SYSTEM.get(word.upper(), 0)
    if not bit:
        session.warn(f"Unsupported system flag: {word}")
    return bit
