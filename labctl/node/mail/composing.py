"""What is typed into a message: lines of text, and tilde escapes between them.

INPUT AND OUTPUT
    ``Composition.take(line)`` obeys one line and returns what is to be shown; ``state`` says
    whether more is wanted.  mail(1) listens to escapes on a terminal only (or with -I): text
    from a program is sent as it is.

NOT HERE
    Editors (~e, ~v) and the messages of a reader (~f, ~m).
"""

from __future__ import annotations

import enum
import os
import subprocess
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mail.sending import Draft


class State(enum.Enum):
    """What becomes of the message."""

    WRITING = "writing"
    DONE = "done"
    GIVEN_UP = "given up"  # ~q: what was written so far is kept in dead.letter
    FORGOTTEN = "forgotten"  # ~x


class Composition:
    """A message that is being written."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.lines: list[bytes] = []
        self.state = State.WRITING

    @property
    def body(self) -> bytes:
        """The text so far."""
        return b"".join(self.lines)

    def take(self, line: bytes) -> str:
        """Obey one line."""
        if line == b".\n":
            self.state = State.DONE
            return ""
        if line[:1] != b"~":
            self.lines.append(line)
            return ""
        if line[1:2] == b"~":
            self.lines.append(line[1:])
            return ""
        text = line.decode("utf-8", "surrogateescape").rstrip("\n")
        escape = ESCAPES.get(text[1:2])
        return escape(self, text[2:].strip()) if escape else "Unknown tilde escape.\n"

    def _end(self, state: State) -> str:
        self.state = state
        return ""

    def _subject(self, text: str) -> str:
        self.draft = self.draft._replace(subject=text)
        return ""

    def _to(self, text: str) -> str:
        self.draft = self.draft._replace(to=[*self.draft.to, *_names(text)])
        return ""

    def _copy(self, text: str) -> str:
        self.draft = self.draft._replace(cc=[*self.draft.cc, *_names(text)])
        return ""

    def _blind_copy(self, text: str) -> str:
        self.draft = self.draft._replace(bcc=[*self.draft.bcc, *_names(text)])
        return ""

    def _show(self, _: str) -> str:
        fields = {
            "To": " ".join(self.draft.to),
            "Subject": self.draft.subject,
            "Cc": " ".join(self.draft.cc),
            "Bcc": " ".join(self.draft.bcc),
        }
        head = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
        body = self.body.decode("utf-8", "replace")
        return f"-------\nMessage contains:\n{head}\n{body}(continue)\n"

    def _read(self, path: str) -> str:
        try:
            with open(os.path.expanduser(path), "rb") as file:
                text = file.read()
        except OSError as error:
            return f"{path}: {error.strerror}\n"
        self.lines += text.splitlines(keepends=True)
        return f'"{path}" {text.count(10)}/{len(text)}\n'

    def _write(self, path: str) -> str:
        try:
            with open(os.path.expanduser(path), "xb") as file:
                file.write(self.body)
        except OSError as error:
            return f"{path}: {error.strerror}\n"
        return f'"{path}" {self.body.count(10)}/{len(self.body)}\n'

    def _shell(self, command: str) -> str:
        subprocess.run(["/bin/sh", "-c", command], check=False)
        return "!\n"

    def _filter(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command], input=self.body, capture_output=True, check=False
        )
        if done.returncode or not done.stdout:
            return f'"{command}" produced no output\n'
        self.lines = done.stdout.splitlines(keepends=True)
        return f'"|{command}" {done.stdout.count(10)}/{len(done.stdout)}\n'

    def _help(self, _: str) -> str:
        return "".join(f"{line}\n" for line in HELP)


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


ESCAPES: Final[Mapping[str, Callable[[Composition, str], str]]] = {
    "!": Composition._shell,
    ".": lambda composition, _: composition._end(State.DONE),
    "<": Composition._read,
    "?": Composition._help,
    "b": Composition._blind_copy,
    "c": Composition._copy,
    "p": Composition._show,
    "q": lambda composition, _: composition._end(State.GIVEN_UP),
    "r": Composition._read,
    "s": Composition._subject,
    "t": Composition._to,
    "w": Composition._write,
    "x": lambda composition, _: composition._end(State.FORGOTTEN),
    "|": Composition._filter,
}
HELP: Final = (
    "~~              a line that begins with one ~",
    "~b users        add to the list of blind copies",
    "~c users        add to the list of copies",
    "~p              show the message so far",
    "~q ~x           give up, ~q keeps the text in dead.letter",
    "~r file         read a file into the message",
    "~s subject      set the subject",
    "~t users        add to the list of recipients",
    "~w file         write the message to a file",
    "~!command       run a command",
    "~|command       let a command change the text",
    "~.              end of the message",
)
