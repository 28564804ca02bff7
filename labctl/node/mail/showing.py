"""What a message looks like: its line in a listing, its text without the headers of hosts."""

from __future__ import annotations

from typing import Final

from labctl.node.mail.mailbox import Message

NAME_WIDTH: Final = 17
WIDTH: Final = 80
IGNORED: Final = frozenset(
    (
        "received",
        "message-id",
        "resent-message-id",
        "status",
        "mail-from",
        "return-path",
        "via",
        "delivered-to",
    )
)


def line(message: Message, number: int, *, is_current: bool) -> str:
    """One line of a listing."""
    _, date = message.envelope
    sender = address_of(message.header("From")) or message.envelope[0]
    pointer = ">" if is_current else " "
    start = (
        f"{pointer}{message.mark}{number:>3} {sender:<{NAME_WIDTH}.{NAME_WIDTH}} "
        f" {date:16.16} {message.lines:>4}/{len(message.data):<5} "
    )
    return f"{start}{message.header('Subject')}"[:WIDTH] + "\n"


def visible(message: Message) -> str:
    """From_ line, headers that are worth it, body."""
    head, _, body = message.data.partition(b"\n\n")
    lines: list[str] = []
    shown = True
    for line in head.decode("utf-8", "replace").split("\n"):
        if not line.startswith((" ", "\t")):
            shown = line.partition(":")[0].lower() not in IGNORED
        if shown:
            lines.append(line)
    return "\n".join(lines) + "\n\n" + body.decode("utf-8", "replace")


def address_of(value: str) -> str:
    """The address in a From header."""
    inside = value.partition("<")[2].partition(">")[0]
    return inside or value.partition("(")[0].strip()
