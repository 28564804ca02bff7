"""One message on its way through a session: from MAIL to the end of its content."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from labctl.node.mta.smtpd.message.decoding import ChunkDecoder
from labctl.node.mta.smtpd.message.submission import Submission
from labctl.node.mta.smtpd.restrictions.evaluation import Actions
from labctl.node.mta.smtpd.restrictions.verdict import Rejection


class Chunking(enum.Enum):
    """RFC 3030: where a sequence of BDAT commands stands."""

    NONE = "none"
    OPEN = "open"
    FAILED = "failed"


@dataclass
class Transaction:
    """One message on its way: from MAIL to the end of its content."""

    sender: str
    size: int = 0
    encoding: str = ""
    smtputf8: bool = False
    ret: str = ""
    envelope_id: str | None = None
    verp: str | None = None  # the two characters of VERP, when asked for
    instance: str = ""
    recipient_count: int = 0
    recipient: str | None = None  # the first that was accepted
    overshoot: int = 0
    actions: Actions = field(default_factory=Actions)
    submission: Submission | None = None
    chunks: ChunkDecoder | None = None
    defer_if_permit: Rejection | None = None  # from MAIL, when it was checked there
    defer_if_reject: Rejection | None = None

    @property
    def queue_id(self) -> str:
        """Empty until the first recipient is accepted."""
        return self.submission.queue_id if self.submission else ""
