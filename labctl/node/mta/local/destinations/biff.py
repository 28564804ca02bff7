"""Tell a user at once that mail has come: postconf(5) biff, comsat(8) on UDP port 512.

INPUT AND OUTPUT
    One datagram ``user@offset`` to this machine, the offset of the new message in the mailbox;
    whoever listens there shows its first lines on the user's terminal.  Mostly nobody does.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Final

COMSAT: Final = ("127.0.0.1", 512)


def notify(user: str, mailbox: str, size: int) -> None:
    """The message of this size is the last one of the mailbox."""
    with contextlib.suppress(OSError):
        offset = max(os.stat(mailbox).st_size - size, 0)
        send(f"{user}@{offset}", COMSAT)


def send(text: str, address: tuple[str, int]) -> None:
    """One datagram, with the NUL that ends a string of C."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.sendto(text.encode("utf-8", "surrogateescape") + b"\0", address)
