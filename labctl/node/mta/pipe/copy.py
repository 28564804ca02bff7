"""The message as a command of pipe(8) gets it, according to the flags of the service."""

from __future__ import annotations

from labctl.node.mta.lib.delivery.mail_copy import Copy, Field
from labctl.node.mta.pipe.attributes import Attributes, Flag

FIELDS = {
    Flag.RETURN_PATH: Field.RETURN_PATH,
    Flag.ORIGINAL_TO: Field.ORIGINAL_TO,
    Flag.DELIVERED_TO: Field.DELIVERED_TO,
}


def compose(copy: Copy, content: bytes, attributes: Attributes) -> bytes:
    """From line, headers, content with what has to be quoted, the line ends of the service."""
    flags = attributes.flags
    fields = Field.NONE
    for flag in FIELDS.keys() & flags:
        fields |= FIELDS[flag]
    text = _quoted(copy.headers(fields) + content, flags)
    if Flag.FROM_LINE in flags:
        text = copy.from_line() + b"\n" + text
    if Flag.BLANK_LINE in flags:
        text += b"\n"
    if attributes.end_of_line != b"\n":
        text = text.replace(b"\n", attributes.end_of_line)
    return text


def _quoted(text: bytes, flags: frozenset[Flag]) -> bytes:
    lines = b"\n" + text
    if Flag.QUOTE_FROM in flags:
        lines = lines.replace(b"\nFrom ", b"\n>From ")
    if Flag.DOT_STUFF in flags:
        # RFC 5321 4.5.2: what reads until a single dot must not find one in the message.
        lines = lines.replace(b"\n.", b"\n..")
    return lines[1:]
