"""An IMAP session without network: lines go in, lines come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labctl.node.base.accounts import Account
from labctl.node.base.log import Log
from labctl.node.base.standard_streams import Peer, StandardStreams
from labctl.node.imapd.service import Service
from labctl.node.imapd.session import State
from labctl.node.store.names import Folders

MESSAGE = b"""From %s@example.test Mon Jan  5 10:00:0%d 2004
From: %s@example.test
To: eve@example.test
Subject: %s
Date: Mon, 5 Jan 2004 10:00:0%d +0000
Message-ID: <%d@example.test>

text of %s

"""


class ScriptedClient(StandardStreams):
    """A client whose whole input is known beforehand."""

    def __init__(self) -> None:
        super().__init__(-1, -1)
        self.sent = b""
        self.coming = bytearray()

    def read_line(self, timeout: float, *, limit: int) -> bytes:
        line, _, rest = bytes(self.coming).partition(b"\r\n")
        self.coming = bytearray(rest)
        return line[:limit]

    def read_exactly(self, size: int, timeout: float) -> bytes:
        if len(self.coming) < size:
            raise EOFError("connection closed")
        data = bytes(self.coming[:size])
        del self.coming[:size]
        return data

    def wait_for_input(self, timeout: float) -> bool:
        return True

    def write(self, data: bytes) -> None:
        self.sent += data

    def flush(self) -> None: ...


class Dialogue:
    """Says a line and returns the answers, without the line ends."""

    def __init__(self, home: Path, inbox: Path) -> None:
        self.client = ScriptedClient()
        self.home, self.inbox = home, inbox
        peer = Peer("mail.example.test", "", "UNKNOWN")
        self.service = Service(self.client, peer, Log("imapd", path=str(home.parent / "log")))
        self.session = self.service._session
        self.session.account = Account("eve", 1000, 1000, str(home), "/bin/sh", "", (1000,))
        self.session.folders = Folders(
            "eve", str(inbox), str(home), "mail.example.test", str(home / ".mailindex")
        )
        self.session.state = State.AUTHENTICATED

    def say(self, line: str, more: bytes = b"") -> list[str]:
        self.client.coming += more
        self.service.obey(line.encode())
        self.session.send()
        answer, self.client.sent = self.client.sent, b""
        return answer.decode("latin-1").split("\r\n")[:-1]


@pytest.fixture
def dialogue(tmp_path: Path) -> Callable[..., Dialogue]:
    """Make a session for an INBOX with messages of these subjects."""

    def make(*subjects: str) -> Dialogue:
        home = tmp_path / "home"
        home.mkdir()
        inbox = tmp_path / "inbox"
        names = (b"ann", b"bob", b"eve", b"dan")
        messages = [
            MESSAGE % (name, n, name, subject.encode(), n, n, name)
            for n, (name, subject) in enumerate(zip(names, subjects, strict=False), 1)
        ]
        inbox.write_bytes(b"".join(messages))
        return Dialogue(home, inbox)

    return make
