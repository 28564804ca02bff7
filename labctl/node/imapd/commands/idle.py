"""IDLE: tell what happens while the client waits (RFC 2177).

DEVIATION
    As UW-IMAP does, a node in ``uw`` mode looks once a minute; in ``shared`` mode it looks
    several times a second.
"""

from __future__ import annotations

from typing import Final

from labctl.node.imapd.answers import Bad, Call, Done
from labctl.node.imapd.session import Session
from labctl.node.store.mailbox import Mode
from labctl.node.wire.imap.args import Arguments

LOOK_EVERY: Final = {Mode.UW: 60.0, Mode.SHARED: 0.25}
TIMEOUT: Final = 30 * 60.0


def idle(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 2177 3."""
    arguments.end()
    every = LOOK_EVERY[session.mode]
    session.say("+ Waiting for DONE")
    waited = 0.0
    while True:
        session.report()
        session.flush_warning()
        session.send()
        if session.client.wait_for_input(every):
            break
        waited += every
        if waited >= TIMEOUT:
            raise TimeoutError("client idles for too long")
    line = session.client.read_line(TIMEOUT, limit=1024)
    if line.strip().upper() != b"DONE":
        raise Bad("Bogus IDLE continuation")
    return Done()
