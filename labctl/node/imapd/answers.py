"""How a command ends: OK, NO or BAD, with a code and a text."""

from __future__ import annotations

from typing import NamedTuple


class Done(NamedTuple):
    """A success that says more than "X completed"."""

    code: str = ""  # "[READ-WRITE]"
    text: str = ""


class No(Exception):
    """The command was understood and cannot be done."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.text, self.code = text, code


class Bad(Exception):
    """The command was not understood; an empty text leaves the words to the caller."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Call(NamedTuple):
    """The command as it was called."""

    tag: str
    name: str  # "FETCH", "UID FETCH"
    uid: bool = False
