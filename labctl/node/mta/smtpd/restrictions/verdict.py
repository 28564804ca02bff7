"""What a restriction may answer, and how a refusal is worded.

INPUT AND OUTPUT
    None is "no opinion", ``PERMIT`` ends the list, a ``Rejection`` ends the command.
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from labctl.node.wire.smtp import Reply


class Permit(enum.Enum):
    """The answer that ends a list in favour of the client."""

    PERMIT = "permit"


PERMIT: Final = Permit.PERMIT


class Rejection(NamedTuple):
    """A refusal, for good (5xx) or for now (4xx)."""

    code: int
    status: str  # RFC 3463
    text: str

    @property
    def reply(self) -> Reply:
        """As the client gets it."""
        return Reply(self.code, self.status, (self.text,))

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.text}"


Answer = Permit | Rejection | None


class ConfigurationTrouble(Exception):
    """main.cf or a table is wrong: the administrator is told why, the client only that."""


class HangUp(Exception):
    """access(5) HANGUP: the client gets no answer, and no connection any more."""


class LookupTrouble(Exception):
    """A table or service did not answer: the client may try again."""


def rejection(code: int, status: str, text: str) -> Rejection:
    """A refusal whose status has the class of its code: ``reject_code = 450`` makes 4.x.x."""
    return Rejection(code, f"{code // 100}{status[1:]}", text)


def fit_status(status: str, reply_class: str) -> str:
    """An X.1.Y status says whose address is wrong; say it of the address that is meant.

    RFC 3463 3.2: X.1.1 to X.1.6 are about the destination, X.1.7 and X.1.8 about the sender.
    """
    if not status[1:].startswith(".1."):
        return status
    table = ADDRESS_STATUS.get(reply_class)
    if table is None:
        return f"{status[0]}.0.0"
    detail = status[4:]
    return f"{status[0]}.1.{table.get(detail, detail)}"


SENDER_ADDRESS: Final = "Sender address"
RECIPIENT_ADDRESS: Final = "Recipient address"
ADDRESS_STATUS: Final = {
    SENDER_ADDRESS: {"1": "7", "2": "8", "3": "7", "4": "0", "5": "0", "6": "0", "10": "8"},
    RECIPIENT_ADDRESS: {"7": "3", "8": "2"},
}
