"""What the author of a topology promises about single messages (``expect``).

TEXTS
    ``{token}`` stands for the token of the message, which no other message has; ``*`` in
    ``shows``, ``logged`` and ``reply`` stands for any text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labctl.compiler.expected.layer import Layer
from labctl.compiler.expected.mail import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message as it is given away: ``server`` is empty for sendmail(1) on the node."""

    node: str
    server: str = ""
    sender: str
    recipient: str
    headers: tuple[str, ...] = ()  # "Name: value"
    body: str = ""
    attachment: str = ""  # the name of an attached file


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line that the log of a node has about the message."""

    node: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The server refuses the message at the command ``at`` with ``reply``."""

    kind: ClassVar = "refused"
    layer: ClassVar = Layer.PROMISE
    id: str
    needs: tuple[str, ...] = ()
    parcel: Parcel
    at: str = ""  # "connect", "helo", "mail", "rcpt", "data"; empty: wherever it is
    reply: str
    logged: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrives:
    """The message is found once in ``mailbox``, and its header ``shows`` what it has to."""

    kind: ClassVar = "arrives"
    layer: ClassVar = Layer.PROMISE
    id: str
    needs: tuple[str, ...] = ()
    parcel: Parcel
    mailbox: Mailbox
    shows: tuple[str, ...] = ()  # "Name: value"; "Name:" is a field that must not be there
    logged: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Exactly one answer to the message comes to ``mailbox``, which is its sender's."""

    kind: ClassVar = "answered"
    layer: ClassVar = Layer.PROMISE
    id: str
    needs: tuple[str, ...] = ()
    parcel: Parcel
    mailbox: Mailbox
    shows: tuple[str, ...] = ()
    logged: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """When the message has been dealt with everywhere, ``mailbox`` has no answer to it."""

    kind: ClassVar = "unanswered"
    layer: ClassVar = Layer.PROMISE
    id: str
    needs: tuple[str, ...] = ()
    parcel: Parcel
    mailbox: Mailbox
    logged: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The message shows on a web page, as a browser on ``parcel.node`` reads it.

    A page that begins as XML must be XML to its end; a feed must be one that readers take.
    """

    kind: ClassVar = "published"
    layer: ClassVar = Layer.PROMISE
    id: str
    needs: tuple[str, ...] = ()
    parcel: Parcel
    url: str
    contains: tuple[str, ...]
    logged: tuple[LogLine, ...] = ()
