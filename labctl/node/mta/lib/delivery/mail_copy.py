"""The copy of a message that a recipient gets: what is put before its content, and how.

INPUT AND OUTPUT
    ``Copy(sender, original, delivered)`` knows whose copy it is; ``headers()`` makes the
    fields of RFC 5321 4.4 (Return-Path) and those of Postfix, ``from_line()`` the line that
    mbox files and commands begin with.  All bytes end in LF.

WHO
    local, virtual and pipe; each prepends what its manual page says.
"""

from __future__ import annotations

import enum
import time
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.store.mbox.delivery import mbox_message
from labctl.node.wire.addresses import external


class Field(enum.Flag):
    """What stands before the content, in this order; the From line belongs to mbox."""

    NONE = 0
    RETURN_PATH = enum.auto()
    ORIGINAL_TO = enum.auto()
    DELIVERED_TO = enum.auto()


ALL_FIELDS: Final = Field.RETURN_PATH | Field.ORIGINAL_TO | Field.DELIVERED_TO


class Copy(NamedTuple):
    """Addresses in internal form."""

    sender: str
    original: str  # "" where postconf(5) enable_original_recipient = no
    delivered: str
    when: float

    def from_line(self) -> bytes:
        """``From sender  Sun Nov 22 10:47:40 2026``, without a line end."""
        sender = external(self.sender) or "MAILER-DAEMON"
        return _encode(f"From {sender}  {time.asctime(time.localtime(self.when))}")

    def headers(self, fields: Field = ALL_FIELDS) -> bytes:
        lines = []
        if Field.RETURN_PATH in fields:
            lines.append(f"Return-Path: <{external(self.sender)}>\n")
        if Field.ORIGINAL_TO in fields and self.original:
            lines.append(f"X-Original-To: {external(self.original)}\n")
        if Field.DELIVERED_TO in fields:
            lines.append(f"Delivered-To: {external(self.delivered)}\n")
        return _encode("".join(lines))

    def for_mbox(self, content: bytes, fields: Field = ALL_FIELDS) -> bytes:
        return mbox_message(self.from_line(), self.headers(fields), content)

    def for_maildir(self, content: bytes, fields: Field = ALL_FIELDS) -> bytes:
        return self.headers(fields) + content

    def for_command(self, content: bytes, fields: Field = ALL_FIELDS) -> bytes:
        """Commands get the From line too: that is how they learn the sender."""
        return b"".join((self.from_line(), b"\n", self.headers(fields), content))


def original_of(config: Config, rcpt: Recipient) -> str:
    """postconf(5) enable_original_recipient: what X-Original-To says, if there is one."""
    return rcpt.original if config.flag("enable_original_recipient") else ""


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
