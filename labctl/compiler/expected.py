"""What a lab must show when it works: the kinds of expectations.

WHY VALUES
    The compiler knows what a topology promises; the checks know how to look. An
    expectation is what they share: literal names and addresses, nothing to look up.

ORDER
    ``Layer`` is the order of the checks, from what everything needs to what needs
    everything. ``needs`` holds ids: when one of these failed, a check is skipped,
    so that one fault is reported once.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias


class Layer(enum.StrEnum):
    """What must work before what: a check is skipped when a lower layer has failed."""

    ENVIRONMENT = "environment"
    DNS = "dns"
    PORTS = "ports"
    LOGIN = "login"
    FLOW = "flow"
    POLICY = "policy"
    DRILL = "drill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Every node in ``nodes`` gets an authoritative SOA for ``zone`` from ``server``."""

    kind: ClassVar = "zone"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    zone: str
    server: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailExchanger:
    """One host in the MX list of a domain, as ``nodes`` see it."""

    preference: int
    host: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mx:
    """The MX list of ``domain``, complete and in order of preference, from every node."""

    kind: ClassVar = "mx"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    domain: str
    exchangers: tuple[MailExchanger, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAddress:
    """``host`` has exactly these addresses."""

    kind: ClassVar = "address"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    host: str
    addresses: tuple[str, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ptr:
    """``address`` leads back to ``host``."""

    kind: ClassVar = "ptr"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    address: str
    host: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NxDomain:
    """The root is closed: ``name`` does not exist, and that is said at once."""

    kind: ClassVar = "nxdomain"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """``program`` runs on ``node``."""

    kind: ClassVar = "process"
    layer: ClassVar = Layer.ENVIRONMENT
    id: str
    needs: tuple[str, ...] = ()
    node: str
    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A service answers on ``node``; ``banner`` is how its greeting begins."""

    kind: ClassVar = "port"
    layer: ClassVar = Layer.PORTS
    id: str
    needs: tuple[str, ...] = ()
    node: str
    address: str
    port: int
    protocol: str  # "smtp", "pop3", "imap", "dns", "tcp"
    banner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """``user`` can log in on ``node`` with ``protocol``."""

    kind: ClassVar = "login"
    layer: ClassVar = Layer.LOGIN
    id: str
    needs: tuple[str, ...] = ()
    node: str
    address: str
    port: int
    protocol: str  # "pop3" or "imap"
    user: str
    password: str


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
    of the last Delivered-To header, empty when the delivery agent adds none.
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


Expectation: TypeAlias = (
    Process
    | Zone
    | Mx
    | HostAddress
    | Ptr
    | NxDomain
    | Port
    | Login
    | Flow
    | RefuseRelay
    | RefuseUnknownUser
    | KeepsNoMail
    | BackupDrill
)

# In the order in which the kinds are checked.
KINDS: Final[Mapping[str, type[Expectation]]] = {
    expectation.kind: expectation
    for expectation in (
        Process,
        Zone,
        HostAddress,
        Ptr,
        Mx,
        NxDomain,
        Port,
        Login,
        Flow,
        RefuseRelay,
        RefuseUnknownUser,
        KeepsNoMail,
        BackupDrill,
    )
}
