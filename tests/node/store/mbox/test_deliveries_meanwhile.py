"""Mail is delivered while a session removes messages: nothing is lost, doubled or torn."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from labctl.node.store import flags as flag
from labctl.node.store.listener import Nobody
from labctl.node.store.locking import mailbox_lock
from labctl.node.store.mailbox import Mode
from labctl.node.store.names import Place
from labctl.node.store.opening import How, open_mailbox

DELIVERIES = 60


def deliver_all(path: str) -> None:
    """What a delivery agent does, with the locks that it takes."""
    for number in range(DELIVERIES):
        fd = os.open(path, os.O_WRONLY | os.O_APPEND)
        with mailbox_lock(path, fd):
            text = b"token %d\n" % number * (1 + number % 40)
            os.write(fd, b"From a@b.test Mon Jan  5 10:00:00 2004\nX: y\n\n" + text + b"\n")
        os.close(fd)


@pytest.mark.parametrize("mode", list(Mode))
def test_deliveries_and_expunges_at_the_same_moment(tmp_path: Path, mode: Mode) -> None:
    """The delivery agent and imapd share no code but the locks."""
    path = tmp_path / "inbox"
    path.write_bytes(b"From a@b.test Mon Jan  5 10:00:00 2004\nX: y\n\nfirst\n\n")
    mailbox = open_mailbox(
        Place("INBOX", str(path), True), Nobody(), "host.test", How(mode=mode)
    )
    child = os.fork()
    if child == 0:
        deliver_all(str(path))
        os._exit(0)
    seen: list[int] = []
    running = True
    while running:
        running = os.waitpid(child, os.WNOHANG)[0] == 0
        mailbox = mailbox.ping()
        for message in mailbox.messages:
            seen += [
                int(n) for n in set(re.findall(rb"token (\d+)\r\n", mailbox.text(message)))
            ]
            mailbox.set_flags(message, flag.DELETED, 0)
        mailbox.expunge(lambda _message: True)
    mailbox.close()

    assert sorted(seen) == list(range(DELIVERIES))
