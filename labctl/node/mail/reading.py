"""The commands of a reader, without a terminal: lines in, text out.

INPUT AND OUTPUT
    ``Reader.command(line)`` obeys one line and returns what is to be printed.  ``is_done``
    says that q or x was given; ``writes_back`` that the mailbox is to be changed (not after x).

NOT HERE
    Composing: reply and mail are returned as a Draft for the program to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from labctl.node.mail import message_list, showing
from labctl.node.mail.mailbox import Message
from labctl.node.mail.sending import Draft


@dataclass(slots=True)
class Reader:
    """A mailbox that is open, and where the reader is in it."""

    path: str
    messages: list[Message]
    dot: int = 0
    is_done: bool = False
    writes_back: bool = True
    draft: Draft | None = None
    saves: list[tuple[str, int]] = field(default_factory=list)
    moved: bool = False  # whether a bare Enter goes on, or shows the first message

    def greeting(self) -> str:
        """What is shown first."""
        new = sum(not message.is_old and not message.is_read for message in self.messages)
        unread = sum(not message.is_read for message in self.messages) - new
        unread += new if unread else 0
        count = len(self.messages)
        parts = [f'"{self.path}": {count} message{"s" if count != 1 else ""}']
        if new:
            parts.append(f"{new} new")
        if unread:
            parts.append(f"{unread} unread")
        first = next((i for i, m in enumerate(self.messages) if m.mark == "N"), None)
        if first is None:
            first = next((i for i, m in enumerate(self.messages) if m.mark == "U"), 0)
        self.dot = first
        return " ".join(parts) + "\n" + self.listing(range(len(self.messages)))

    def listing(self, numbers: Iterator[int] | range) -> str:
        """One line a message."""
        return "".join(self._line(number) for number in numbers if self._is_there(number))

    def command(self, line: str) -> str:
        """Obey one line."""
        text = line.strip()
        if not text:
            return self._next("")
        if text[0].isdigit() or text[0] in "$^.":
            return self._print(text)
        verb = text.split()[0] if text[0].isalpha() else text[0]
        argument = text[len(verb) :].strip()
        name = next((known for known in COMMANDS if known.startswith(verb)), None)
        if name is None:
            return f'Unknown command: "{verb}"\n'
        return COMMANDS[name](self, argument)

    def _is_there(self, number: int) -> bool:
        return 0 <= number < len(self.messages) and not self.messages[number].is_deleted

    def _line(self, number: int) -> str:
        is_current = number == self.dot
        return showing.line(self.messages[number], number + 1, is_current=is_current)

    def _each(self, argument: str, act: Callable[[int], str]) -> str:
        try:
            there = [self._is_there(number) for number in range(len(self.messages))]
            numbers = message_list.numbers(argument, self.dot, there)
        except message_list.BadList as problem:
            return str(problem)
        if not numbers:
            return "No applicable messages\n"
        return "".join(act(number) for number in numbers)

    def _show(self, number: int) -> str:
        if not self._is_there(number):
            return f"{number + 1}: Inappropriate message\n"
        message = self.messages[number]
        message.is_read = message.is_touched = self.moved = True
        self.dot = number
        return f"Message {number + 1}:\n" + showing.visible(message)

    def _print(self, argument: str) -> str:
        return self._each(argument, self._show)

    def _next(self, argument: str) -> str:
        start = self.dot + 1 if self.moved else self.dot
        found = next((n for n in range(start, len(self.messages)) if self._is_there(n)), None)
        return "At EOF\n" if found is None else self._show(found)

    def _previous(self, argument: str) -> str:
        found = next((n for n in range(self.dot - 1, -1, -1) if self._is_there(n)), None)
        return "No applicable messages\n" if found is None else self._show(found)

    def _headers(self, argument: str) -> str:
        return self.listing(range(len(self.messages)))

    def _from(self, argument: str) -> str:
        return self._each(argument, self._line)

    def _delete(self, argument: str) -> str:
        def delete(number: int) -> str:
            self.messages[number].is_deleted = True
            return ""

        told = self._each(argument, delete)
        if not self._is_there(self.dot):
            later = (n for n in range(self.dot, len(self.messages)) if self._is_there(n))
            self.dot, self.moved = next(later, max(len(self.messages) - 1, 0)), False
        return told

    def _delete_and_print(self, argument: str) -> str:
        return self._delete(argument) + self._next("")

    def _undelete(self, argument: str) -> str:
        def undelete(number: int) -> str:
            self.messages[number].is_deleted = False
            return ""

        return self._each(argument, undelete)

    def _hold(self, argument: str) -> str:
        def hold(number: int) -> str:
            self.messages[number].is_held = True
            return ""

        return self._each(argument, hold)

    def _save(self, argument: str) -> str:
        words = argument.split()
        path = words.pop() if words else "mbox"

        def save(number: int) -> str:
            self.messages[number].is_saved = True
            self.saves.append((path, number))
            return ""

        return self._each(" ".join(words), save)

    def _reply(self, argument: str) -> str:
        def reply(number: int) -> str:
            message = self.messages[number]
            message.is_read = message.is_touched = True
            to = showing.address_of(message.header("Reply-To") or message.header("From"))
            subject = message.header("Subject")
            if subject and not subject.lower().startswith("re:"):
                subject = f"Re: {subject}"
            identity = message.header("Message-Id")
            self.draft = Draft([to], subject, in_reply_to=identity)
            return f"To: {to}\nSubject: {subject}\n\n"

        return self._each(argument, reply)

    def _mail(self, argument: str) -> str:
        self.draft = Draft(argument.split())
        return ""

    def _size(self, argument: str) -> str:
        return self._each(argument, lambda n: f"{n + 1}: {len(self.messages[n].data)}\n")

    def _where(self, argument: str) -> str:
        return f"{self.dot + 1}\n"

    def _quit(self, argument: str) -> str:
        self.is_done = True
        return ""

    def _exit(self, argument: str) -> str:
        self.is_done, self.writes_back = True, False
        return ""

    def _nothing(self, argument: str) -> str:
        return ""

    def _help(self, argument: str) -> str:
        return "".join(f"{line}\n" for line in HELP)


HELP: Final = (
    "    Mail   Command                  Description",
    "t [message list]        show messages",
    "n                       show the next message",
    "f [message list]        show header lines",
    "d [message list]        delete messages",
    "u [message list]        undelete messages",
    "s [message list] file   append messages to a file",
    "R [message list]        reply to sender",
    "m [user list]           mail to users",
    "q                       quit, saving what was read in mbox",
    "x                       quit, leaving the mailbox as it was",
    "h                       list headers",
)
# An abbreviation means the first that begins with it.
COMMANDS: Final[Mapping[str, Callable[[Reader, str], str]]] = {
    "next": Reader._next,
    "print": Reader._print,
    "type": Reader._print,
    "Print": Reader._print,
    "Type": Reader._print,
    "delete": Reader._delete,
    "dp": Reader._delete_and_print,
    "dt": Reader._delete_and_print,
    "from": Reader._from,
    "headers": Reader._headers,
    "hold": Reader._hold,
    "preserve": Reader._hold,
    "undelete": Reader._undelete,
    "save": Reader._save,
    "reply": Reader._reply,
    "Reply": Reader._reply,
    "respond": Reader._reply,
    "Respond": Reader._reply,
    "mail": Reader._mail,
    "size": Reader._size,
    "quit": Reader._quit,
    "xit": Reader._exit,
    "exit": Reader._exit,
    "z": Reader._headers,
    "set": Reader._nothing,
    "unset": Reader._nothing,
    "help": Reader._help,
    "?": Reader._help,
    "=": Reader._where,
    "-": Reader._previous,
    "#": Reader._nothing,
}
