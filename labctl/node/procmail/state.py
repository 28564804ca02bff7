"""One message on its way through the rcfiles: what is known, and what has happened to it.

INPUT AND OUTPUT
    ``Processor`` is the value that recipes, settings and actions share; it knows how to expand
    a word of an rcfile and how to run a command, and nothing of the recipes themselves.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from labctl.node.procmail import commands, words
from labctl.node.procmail.commands import Ended
from labctl.node.procmail.diary import Diary
from labctl.node.procmail.message import Message


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
    # Copies of this process, each with the end of a pipe that keeps it waiting.
    clones: list[tuple[int, int]] = field(default_factory=list)
    lock: ExitStack = field(default_factory=ExitStack)  # LOCKFILE, until it changes

    def run(self, line: str, data: bytes) -> Ended:
        """Run a command of the rcfile; $? is what it ended with."""
        log = self.diary
        ended = commands.run(line, data, self.variables, log, self.substitute)
        self.variables["?"] = str(ended.status)
        return ended

    def substitute(self, command: str) -> str:
        """What stands between backquotes: the command's output without its last line ends."""
        ended = self.run(command, self.message.text)
        return ended.output.decode("utf-8", "surrogateescape").rstrip("\n")

    def value(self, text: str) -> str:
        """One word of the rcfile, with its variables and commands expanded."""
        # procmailrc(5): $@ is a list, and means something only where a list is wanted.
        return words.expand(text, {**self.variables, "@": ""}, self.substitute)

    def number(self, name: str, default: int) -> int:
        """A variable that is to be a number."""
        text = self.variables.get(name, "").strip()
        return int(text) if text.isdecimal() else default
