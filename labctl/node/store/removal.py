"""Take messages that are gone out of an open mailbox, and tell its session (RFC 3501 7.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labctl.node.store.listener import Listener
from labctl.node.store.message import Message

Kind = TypeVar("Kind", bound=Message)


def drop(messages: list[Kind], is_gone: Callable[[Kind], bool], listener: Listener) -> None:
    """Renumber: EXPUNGE for each message that is gone, then how many are left."""
    numbers = [number for number, message in enumerate(messages, 1) if is_gone(message)]
    for removed, number in enumerate(numbers):
        listener.expunged(number - removed)
    if numbers:
        messages[:] = [message for message in messages if not is_gone(message)]
        listener.exists(len(messages))


def tell_expunged(count: int, listener: Listener) -> None:
    """What the answer to EXPUNGE says, where flags are on the disk at once."""
    listener.inform(
        f"Expunged {count} messages" if count else "No messages deleted, so no update needed"
    )
