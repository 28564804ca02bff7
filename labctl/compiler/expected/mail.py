"""Mail that must arrive, mail that must be refused, and the drill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labctl.compiler.expected.layer import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where a message comes to rest."""

    node: str
    path: str
    format: str  # "mbox" or "maildir"
    owner: str
    group: str
    mode: str  # "0600"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How its owner reads a mailbox over the network."""

    protocol: str
    address: str
    port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A message from ``sender``, given away on ``node``, is found in ``mailbox`` and read back.

    ``server`` is empty when the message goes into sendmail(1) on the node; otherwise it
    is the address to which the node speaks SMTP. ``received`` are the hosts that add a
    Received header, the first that had the message first. ``delivered_to`` is the value
    of the last Delivered-To header, empty when the delivery agent adds none. ``rewritten`` is
    the sender after canonical maps on the way, empty when it stays what it is.
    """

    kind: ClassVar = "flow"
    layer: ClassVar = Layer.FLOW
    id: str
    needs: tuple[str, ...] = ()
    node: str
    server: str = ""
    sender: str
    recipient: str
    mailbox: Mailbox
    readers: tuple[Reader, ...] = ()
    received: tuple[str, ...]
    delivered_to: str = ""
    rewritten: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseRelay:
    """``server`` does not carry mail from the stranger ``node`` to somebody else's domain."""

    kind: ClassVar = "refuse_relay"
    layer: ClassVar = Layer.POLICY
    id: str
    needs: tuple[str, ...] = ()
    node: str
    server: str
    address: str
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseUnknownUser:
    """``server`` refuses a recipient that does not exist, at RCPT TO."""

    kind: ClassVar = "refuse_unknown_user"
    layer: ClassVar = Layer.POLICY
    id: str
    needs: tuple[str, ...] = ()
    node: str
    server: str
    address: str
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepsNoMail:
    """A null client has no mailbox and an empty queue once its mail went out."""

    kind: ClassVar = "keeps_no_mail"
    layer: ClassVar = Layer.POLICY
    id: str
    needs: tuple[str, ...] = ()
    node: str
    mail_directory: str = "/var/mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupDrill:
    """With ``primary`` cut off, mail for ``domain`` waits on ``backup``, then arrives once."""

    kind: ClassVar = "backup_mx"
    layer: ClassVar = Layer.DRILL
    id: str
    needs: tuple[str, ...] = ()
    domain: str
    primary: str
    backup: str
    node: str  # who sends
    server: str = ""  # as in Flow
    sender: str
    recipient: str
    mailbox: Mailbox
