"""A new message as it will stand in an mbox file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from labctl.node.store.mbox.layout import Base, external_header, status_lines, with_status
from labctl.node.store.message import Message
from labctl.node.store.new_mail import NewMail

_FROM: Final = re.compile(rb"^From ", re.MULTILINE)


def as_stored(mail: NewMail, uid: int, known: Sequence[str], base: Base | None = None) -> bytes:
    """The octets of the message; without a UID whoever opens the mailbox gives it one."""
    content = mail.content.replace(b"\r", b"")
    head, blank, text = content.partition(b"\n\n")
    if content.startswith(b"\n"):
        head, blank, text = b"", b"\n", content[1:]
    bits = sum(1 << known.index(word) for word in mail.keywords if word in known)
    status = status_lines(Message(uid, mail.flags, bits), known, base=base, old=mail.old)
    if not uid:
        status = status.rpartition(b"X-UID:")[0]
    header = with_status(external_header(head + blank), status)
    text = _FROM.sub(b">From ", text)
    if text and not text.endswith(b"\n"):
        text += b"\n"
    return mail.from_line + header + text + b"\n"
