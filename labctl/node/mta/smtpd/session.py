"""One SMTP server session, from greeting to QUIT, without any I/O of its own.

INPUT AND OUTPUT
    ``greet()`` and ``receive_line()`` return one ``Reply``.  After a reply the owner of the
    socket looks at ``mode``: COMMAND wants a line, DATA content up to the dot, CHUNK the bytes
    of BDAT, CLOSED nothing any more.  What the session must ask of others goes through its
    ``Environment``.

STATES
    no transaction --MAIL--> transaction --RCPT...--> DATA | BDAT --end of content--> none
    RSET, HELO and EHLO end a transaction.  RFC 5321 4.1.4 is in ``commands.COMMANDS``.

NOT HERE
    Whether a client may do something is decided in ``restrictions``, when in ``stages``.
"""

from __future__ import annotations

import enum
import itertools
import os
from dataclasses import dataclass, field
from typing import Final

from labctl.node.mta.smtpd.client import Client
from labctl.node.mta.smtpd.counters import Counters
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.restrictions.evaluation import Request
from labctl.node.mta.smtpd.restrictions.verdict import Rejection
from labctl.node.mta.smtpd.transaction import Chunking, Transaction
from labctl.node.wire.smtp import Reply


class Mode(enum.Enum):
    """What the session wants to read next."""

    COMMAND = "command"
    DATA = "data"
    CHUNK = "chunk"
    CLOSED = "closed"


@dataclass
class Session:
    """Everything that is known of one connection."""

    env: Environment
    client: Client
    peer: Client  # the real one, whatever XCLIENT says
    helo: str | None = None
    protocol: str = "SMTP"
    transaction: Transaction | None = None
    mode: Mode = Mode.COMMAND
    stage: str = "CONNECT"
    errors: int = 0
    junk: int = 0
    pipelined: bool = False
    pending: bytes = b""  # what the client sent ahead of the command at hand
    chunking: Chunking = Chunking.NONE
    chunk_size: int = 0
    last_chunk: bool = False
    denied: Rejection | None = None
    reason: str = ""  # why the session ended, when not by QUIT
    hidden: frozenset[str] | None = None  # EHLO keywords, when they are known
    forwarded: dict[str, str] = field(default_factory=dict)  # XFORWARD
    counters: Counters = field(default_factory=Counters)
    defer_if_permit: Rejection | None = None  # from CONNECT and HELO, when checked there
    defer_if_reject: Rejection | None = None
    instances: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def hostname(self) -> str:
        """The name that we greet with."""
        return self.env.config.text("myhostname")

    def begin_transaction(self, sender: str) -> Transaction:
        """MAIL was accepted so far."""
        self.transaction = Transaction(sender)
        now = self.env.now()
        self.transaction.instance = (
            f"{os.getpid():x}.{int(now):x}.{int(now % 1 * 1_000_000):x}."
            f"{next(self.instances):x}"
        )
        return self.transaction

    def forget_transaction(self) -> None:
        """RSET, HELO, EHLO, or the end of the message: what was not finished never was."""
        if self.transaction is not None and self.transaction.submission is not None:
            self.transaction.submission.close()
        if self.transaction is not None:
            # XFORWARD_README: the attributes are those of one message.
            self.forwarded = {}
        self.transaction = None
        self.chunking = Chunking.NONE

    def request(self, **facts: object) -> Request:
        """What restrictions may look at."""
        transaction = self.transaction
        known: dict[str, object] = {
            "stage": self.stage,
            "client": self.client,
            "protocol": self.protocol,
            "helo": self.helo,
            "pipelined": self.pipelined,
            "stress": self.env.config.text("stress"),
        }
        if transaction is not None:
            known |= {
                "sender": transaction.sender,
                "recipient_count": transaction.recipient_count,
                "queue_id": transaction.queue_id,
                "size": transaction.size,
                "instance": transaction.instance,
            }
        return Request(**(known | facts))  # type: ignore[arg-type]  # the fields, by name

    def end(self, code_and_text: str, reason: str = "") -> Reply:
        """The last reply of a session that we end."""
        self.mode, self.reason = Mode.CLOSED, reason
        return Reply.of(code_and_text)


OK: Final = Reply(250, "2.0.0", ("Ok",))
