"""What qmgr asks of a delivery agent: a queue file by name, and for whom.

INPUT AND OUTPUT
    ``DeliveryRequest`` <-> the attributes that ipc carries.  Content never travels: the agent
    opens ``queue_name/queue_id`` and reads from ``data_offset``.  The agent answers with a
    ``DeliveryReply``: whether all recipients are done, and, when the *destination* (not a
    recipient) failed, with the status of the destination, which makes qmgr back off from it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify, deferred
from labctl.node.mta.lib.queue.queue_file import Recipient


class DeliveryFlag(enum.IntFlag):
    """What the request is for, other than delivery; the values are those of trace flags."""

    NONE = 0
    VERIFY_MTA = 1 << 8  # address verification probe: tell verify(8), deliver nothing
    VERIFY_USER = 1 << 9  # sendmail -bv: report to the user, deliver nothing
    RECORD = 1 << 10  # sendmail -v: deliver, and report
    CONNECTION_LOAD = 1 << 11  # more mail for the destination: use a connection that is kept
    CONNECTION_STORE = 1 << 12  # and keep this one


class Times(NamedTuple):
    """When the message arrived, entered the active queue, and was handed to the agent."""

    arrival: float
    active: float
    handoff: float


class DeliveryRequest(NamedTuple):
    """One message for one destination."""

    queue_name: str
    queue_id: str
    data_offset: int
    data_size: int
    sender: str
    nexthop: str
    recipients: tuple[Recipient, ...]
    times: Times
    flags: DeliveryFlag = DeliveryFlag.NONE
    encoding: str = ""  # "7bit", "8bit", or "" when cleanup did not say
    smtputf8: int = 0
    dsn_envelope_id: str = ""
    dsn_ret: str = ""  # "", "FULL" or "HDRS"
    # Queue file attributes: client_name, client_address, helo_name, protocol_name, ...
    attributes: Mapping[str, str] = MappingProxyType({})

    @property
    def verify_only(self) -> bool:
        return bool(self.flags & (DeliveryFlag.VERIFY_MTA | DeliveryFlag.VERIFY_USER))

    def to_attributes(self) -> dict[str, str]:
        """The request as name/value pairs for ipc."""
        pairs = {name: str(getattr(self, name)) for name in (*TEXTS, *NUMBERS)}
        pairs["times"] = " ".join(f"{time:.6f}" for time in self.times)
        pairs["recipient_count"] = str(len(self.recipients))
        for index, rcpt in enumerate(self.recipients):
            pairs[f"recipient{index}"] = _recipient_text(rcpt)
        for name, value in self.attributes.items():
            pairs[ATTRIBUTE_PREFIX + name] = value
        return pairs

    @classmethod
    def from_attributes(cls, pairs: Mapping[str, str]) -> DeliveryRequest:
        """What the other side meant; KeyError or ValueError when it makes no sense."""
        count = int(pairs["recipient_count"])
        prefix = len(ATTRIBUTE_PREFIX)
        return cls(
            **{name: pairs[name] for name in TEXTS},  # type: ignore[arg-type]  # by table
            **{name: int(pairs[name]) for name in NUMBERS if name != "flags"},  # type: ignore[arg-type]  # by table
            flags=DeliveryFlag(int(pairs["flags"])),
            recipients=tuple(_recipient(pairs[f"recipient{i}"]) for i in range(count)),
            times=Times(*map(float, pairs["times"].split())),
            attributes={
                name[prefix:]: value
                for name, value in pairs.items()
                if name.startswith(ATTRIBUTE_PREFIX)
            },
        )


class DeliveryReply(NamedTuple):
    """``done`` is false when a recipient must be tried again."""

    done: bool
    destination: DeliveryStatus | None = None

    def to_attributes(self) -> dict[str, str]:
        pairs = {"done": str(int(self.done))}
        if self.destination is not None:
            pairs["destination_status"] = self.destination.status
            pairs["destination_reason"] = self.destination.reason
        return pairs

    @classmethod
    def from_attributes(cls, pairs: Mapping[str, str]) -> DeliveryReply:
        status = pairs.get("destination_status", "")
        if not status:
            return cls(pairs["done"] == "1")
        reason = pairs.get("destination_reason", "")
        return cls(pairs["done"] == "1", deferred(reason, status))


def _recipient_text(rcpt: Recipient) -> str:
    fields = (rcpt.address, rcpt.original, rcpt.dsn_original)
    return SEPARATOR.join((*fields, str(int(rcpt.notify)), str(rcpt.offset)))


def _recipient(text: str) -> Recipient:
    address, original, dsn_original, notify, offset = text.split(SEPARATOR)
    return Recipient(address, original, dsn_original, Notify(int(notify)), int(offset))


# An address cannot contain a line feed: smtpd and cleanup would have ended the line there.
SEPARATOR: Final = "\n"
ATTRIBUTE_PREFIX: Final = "attribute."
TEXTS: Final = (
    "queue_name",
    "queue_id",
    "sender",
    "nexthop",
    "encoding",
    "dsn_envelope_id",
    "dsn_ret",
)
NUMBERS: Final = ("data_offset", "data_size", "flags", "smtputf8")
