"""The logs of bounce(8): what became of each recipient, one paragraph each.

FORMAT (as Postfix writes it, and postqueue, mailq and people read it)
    <bob@example.test>: mailbox is full
    recipient=bob@example.test
    offset=251
    dsn_orig_rcpt=rfc822;bob@example.test
    status=4.2.2
    action=delayed
    reason=mailbox is full

INPUT AND OUTPUT
    ``append()`` is durable when it returns; ``read()`` yields what can be understood, so that
    a log that a crash has cut short still gives its whole paragraphs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify
from labctl.node.mta.lib.queue.queue_file import Recipient


class Outcome(NamedTuple):
    """One paragraph."""

    recipient: Recipient
    status: DeliveryStatus


def append(path: str, outcome: Outcome) -> None:
    """Add a paragraph, and wait until it is on the disk: the queue file changes after it."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    try:
        fd = os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        fd = os.open(path, flags, 0o600)
    try:
        os.write(fd, encode(outcome))
        os.fsync(fd)
    finally:
        os.close(fd)


def read(path: str) -> list[Outcome]:
    """All outcomes of a log; none when there is no log."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return []
    return list(decode(text))


def encode(outcome: Outcome) -> bytes:
    """One paragraph; an empty line stands before it."""
    rcpt, status = outcome
    reason = status.reason.replace("\n", " ")
    fields = {
        "recipient": rcpt.address,
        "offset": str(rcpt.offset),
        "original_recipient": rcpt.original if is_expanded(rcpt) else "",
        "dsn_orig_rcpt": rcpt.dsn_original,
        "notify_flags": str(int(rcpt.notify)) if rcpt.notify else "",
        "status": status.status,
        "action": status.action,
        "diag_type": status.diagnostic_type,
        "diag_text": status.diagnostic.replace("\n", " "),
        "mta_type": status.remote_mta_type,
        "mta_mname": status.remote_mta,
        "reason": reason,
    }
    lines = "".join(f"{name}={value}\n" for name, value in fields.items() if value)
    return f"\n<{rcpt.address}>: {reason}\n{lines}".encode("utf-8", "surrogateescape")


def decode(text: str) -> Iterator[Outcome]:
    """Paragraphs without a recipient or a status are left out."""
    for paragraph in text.split("\n\n"):
        pairs = (line.partition("=") for line in paragraph.splitlines() if line[:1] != "<")
        fields = {name: value for name, _, value in pairs}
        if fields.keys() >= REQUIRED:
            yield _outcome(fields)


def is_expanded(rcpt: Recipient) -> bool:
    """Whether the address was another one before aliases; case does not count."""
    return bool(rcpt.original) and rcpt.original.lower() != rcpt.address.lower()


def _outcome(fields: Mapping[str, str]) -> Outcome:
    rcpt = Recipient(
        fields["recipient"],
        fields.get("original_recipient", ""),
        fields.get("dsn_orig_rcpt", ""),
        Notify(int(fields.get("notify_flags", 0))),
        int(fields.get("offset", 0)),
    )
    status = DeliveryStatus(
        fields["status"],
        fields["action"],
        # What a command said may end in a space, which nobody wants to see.
        fields["reason"].rstrip(),
        fields.get("diag_type", ""),
        fields.get("diag_text", "").rstrip(),
        fields.get("mta_type", ""),
        fields.get("mta_mname", ""),
    )
    return Outcome(rcpt, status)


REQUIRED: Final = frozenset({"recipient", "status", "action", "reason"})
