"""The message that recipes look at, in its two parts, and the forms in which it is written.

INPUT AND OUTPUT
    ``Message.parse(text)`` cuts at the first empty line; ``head`` ends with that line.
    ``for_mbox``, ``for_pipe`` and ``for_maildir`` are the forms of folders and commands.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Message(NamedTuple):
    """The message that is being processed."""

    head: bytes  # the From line, if there is one, the header, and the empty line
    body: bytes

    @classmethod
    def parse(cls, text: bytes) -> Message:
        end = text.find(b"\n\n")
        if text.startswith(b"\n"):
            return cls(b"\n", text[1:])
        return cls(text, b"") if end < 0 else cls(text[: end + 2], text[end + 2 :])

    @property
    def text(self) -> bytes:
        return self.head + self.body

    @property
    def from_line(self) -> bytes:
        """The first line, when it is one of mbox; without its line end."""
        return self.head.partition(b"\n")[0] if self.head.startswith(b"From ") else b""

    def unfolded_head(self) -> bytes:
        """The header with each field on one line, as conditions see it."""
        return FOLD.sub(rb" \1", self.head)

    def field(self, name: bytes) -> bytes | None:
        """The first line of a field's value, with the space before it."""
        found = re.search(rb"(?im)^" + re.escape(name) + rb":(.*)$", self.head)
        return found[1] if found else None


def for_mbox(text: bytes) -> bytes:
    """Lines that look like the start of a message are quoted; an empty line ends it."""
    return for_pipe(text.replace(b"\nFrom ", b"\n>From "))


def for_pipe(text: bytes) -> bytes:
    """An empty line at the end, as programs that read mailboxes expect it."""
    return text if text.endswith(b"\n\n") else text + b"\n"


def for_maildir(text: bytes) -> bytes:
    """A file of its own needs no From line."""
    return text.partition(b"\n")[2] if text.startswith(b"From ") else text


FOLD: Final = re.compile(rb"\n([ \t])")
