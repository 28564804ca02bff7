"""Talk to the init of a node: `init reload postfix`, `init clock 86400`.

INPUT AND OUTPUT
    One line over a socket in /run/labctl, one line back: "ok", or what went wrong.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from labctl.node.base import sockets
from labctl.node.base.events import EventLoop

SOCKET: Final = Path("/run/labctl/init")
PATIENCE: Final = 30.0


def listen(
    loop: EventLoop, obey: Callable[[Sequence[str]], str], path: Path = SOCKET
) -> socket.socket:
    """Answer requests, one line each, from the event loop."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listener = sockets.listen_unix(str(path), mode=0o600)

    def accept() -> None:
        if client := sockets.accept(listener):
            with client, contextlib.suppress(OSError):
                client.settimeout(1.0)
                words = client.recv(4096).decode().split()
                client.sendall((obey(words) or "ok").encode() + b"\n")

    loop.add_reader(listener.fileno(), accept)
    return listener


def ask(words: Sequence[str], path: Path = SOCKET) -> int:
    """Send a request to the node's init; the exit status says whether it was obeyed."""
    try:
        with sockets.connect_unix(str(path), timeout=PATIENCE) as connection:
            connection.sendall(" ".join(words).encode() + b"\n")
            answer = connection.recv(4096).decode().strip()
    except OSError as error:
        answer = f"no init answers at {path}: {error.strerror or os.strerror(error.errno or 0)}"
    if answer != "ok":
        print(f"init: {answer}", file=sys.stderr)
    return int(answer != "ok")
