"""The log of procmail: what it says in LOGFILE, and the abstract of each delivery.

THE ABSTRACT, procmailrc(5) LOGABSTRACT
    From ann@example.test  Mon Nov 23 01:27:00 2026
     Subject: hello
      Folder: inbox                                                    269
"""

from __future__ import annotations

import os
import time
from typing import Final

from labctl.node.base import clock
from labctl.node.procmail.message import Message

SIZE_COLUMN: Final = 72
TAB: Final = 8
SUBJECT_LENGTH: Final = 79
FOLDER_LENGTH: Final = 60


class Diary:
    """Standard error, until a LOGFILE is named."""

    def __init__(self) -> None:
        self.descriptor = 2
        self.is_file = False  # a LOGFILE has been opened
        self.is_verbose = False
        self._stamped = 0  # in which second

    def open(self, path: str) -> None:
        """Go on in this file; what cannot be opened changes nothing."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            self.descriptor = os.open(path, flags, 0o666)
            self.is_file = True
        except OSError:
            self.say(f'Error while writing to "{path}"')

    def write(self, text: str) -> None:
        """As it is: the LOG variable, and what we say ourselves."""
        os.write(self.descriptor, text.encode("utf-8", "surrogateescape"))

    def say(self, text: str) -> None:
        self.write(f"procmail: {text}\n")

    def stamp(self, *, again: bool = False) -> None:
        """Who is writing, and when: the first line of a verbose log."""
        now = int(clock.now())
        if again or now != self._stamped:
            self._stamped = now
            self.say(f"[{os.getpid()}] {time.asctime(time.localtime(now))}")

    def stamp_if_verbose(self, *, again: bool = False) -> None:
        """When something took time, or another process goes on."""
        if self.is_verbose:
            self.stamp(again=again)

    def detail(self, text: str) -> None:
        """What only a log with VERBOSE=yes has."""
        if self.is_verbose:
            self.say(text)

    def abstract(self, message: Message, folder: str, size: int) -> None:
        """Where the message went."""
        lines = []
        if message.from_line:
            lines.append(message.from_line.decode("utf-8", "surrogateescape"))
        subject = message.field(b"Subject")
        if subject is not None:
            text = f" Subject:{subject.decode('utf-8', 'surrogateescape')}".replace("\r", " ")
            lines.append(text[:SUBJECT_LENGTH])
        lines.append(folder_line(folder, size))
        self.write("\n".join(lines) + "\n")


def folder_line(folder: str, size: int) -> str:
    """The last line of the abstract, with the size at its right edge."""
    text = f"  Folder: {folder[:FOLDER_LENGTH]}".replace("\n", " ")
    tabs = max(1, -(-(SIZE_COLUMN - len(text)) // TAB))
    return text + "\t" * tabs + f"{size:7}"
