"""Delivery status: what became of one recipient, and who wants to hear about it.

INPUT AND OUTPUT
    A ``DeliveryStatus`` is the value that every delivery agent returns for a recipient, and
    that the queue manager, bounce(8) and the log lines read.  ``split()`` takes the enhanced
    status code off a text such as an access table's "5.7.1 go away".
"""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple


class Notify(enum.IntFlag):
    """RFC 3461 4.1: what the sender asked to hear about a recipient."""

    UNSET = 0
    NEVER = 1
    SUCCESS = 2
    FAILURE = 4
    DELAY = 8

    @classmethod
    def parse(cls, text: str) -> Notify:
        """``SUCCESS,DELAY`` of NOTIFY=; ValueError where RFC 3461 4.1 forbids it."""
        flags = cls.UNSET
        for word in text.upper().split(","):
            if word not in cls.__members__ or word == "UNSET":
                raise ValueError(f"no notification is called {word!r}")
            flags |= cls[word]
        if flags & cls.NEVER and flags != cls.NEVER:
            raise ValueError("NEVER excludes the others")
        return flags

    def __str__(self) -> str:
        return ",".join(flag.name or "" for flag in type(self) if flag and flag in self)


class Ret(enum.StrEnum):
    """RFC 3461 4.3: how much of the message a report returns."""

    UNSET = ""
    FULL = "FULL"
    HEADERS = "HDRS"


class Action(enum.StrEnum):
    """RFC 3464 2.3.3, with the two of address probes."""

    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    DELAYED = "delayed"
    FAILED = "failed"
    DELIVERABLE = "deliverable"
    UNDELIVERABLE = "undeliverable"


class DeliveryStatus(NamedTuple):
    """One recipient's outcome.  ``reason`` is the text of the log line and the report."""

    status: str
    action: str
    reason: str
    diagnostic_type: str = ""  # "smtp", "x-unix"; empty means "X-Postfix"
    diagnostic: str = ""
    remote_mta_type: str = ""  # "dns"
    remote_mta: str = ""

    @property
    def is_success(self) -> bool:
        """The recipient is done and nobody is told that it failed."""
        return self.status.startswith("2")

    @property
    def is_temporary(self) -> bool:
        """Try again later."""
        return self.status.startswith("4")

    @property
    def is_permanent(self) -> bool:
        """Return to sender."""
        return self.status.startswith("5")

    def softened(self) -> DeliveryStatus:
        """The same as a temporary failure: soft_bounce = yes (postconf(5))."""
        if not self.is_permanent:
            return self
        return self._replace(status="4" + self.status[1:], action=Action.DELAYED)


def sent(
    reason: str, *, status: str = "2.0.0", action: str = Action.DELIVERED
) -> DeliveryStatus:
    """Success, which an agent has to reach explicitly."""
    return DeliveryStatus(status, action, reason)


def deferred(reason: str, status: str = "4.3.0") -> DeliveryStatus:
    """The assumption to begin with: not now."""
    return DeliveryStatus(status, Action.DELAYED, reason)


def failed(reason: str, status: str = "5.0.0") -> DeliveryStatus:
    """Proven permanent."""
    return DeliveryStatus(status, Action.FAILED, reason)


def split(text: str, default: str) -> tuple[str, str]:
    """``5.7.1 go away`` -> ("5.7.1", "go away"); no code in the text: the default."""
    match = STATUS.match(text)
    if match is None:
        return default, text.strip()
    return match.group(1), text[match.end() :].strip()


# RFC 3463 2: class "." subject "." detail.
STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
