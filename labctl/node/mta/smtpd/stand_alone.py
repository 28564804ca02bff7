"""SMTP on standard input and output for a local user: sendmail -bs.

INPUT AND OUTPUT
    ``serve_standard_streams()`` holds one session with whoever is there.  What it accepts goes
    to maildrop, as everything that users submit: pickup(8) looks at it once more.

WHY NO RESTRICTIONS
    The user could call sendmail without -bs, which has none; and who is not of the mail system
    cannot ask its services.  So the lists are empty, and nothing has to be asked.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Mapping
from typing import Final

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.dns.resolver import Resolver
from labctl.node.mta.lib.services.anvil import AnvilClient
from labctl.node.mta.lib.services.cleanup import CleanupResult
from labctl.node.mta.lib.services.maildrop import DropStream, wake_pickup
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.smtpd.client import OK, Client
from labctl.node.mta.smtpd.dialogue import Dialogue
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.lookups.name_service import NameService
from labctl.node.mta.smtpd.session import Session


def serve_standard_streams(config: Config, log: Log, streams: tuple[int, int] = (0, 1)) -> None:
    """One session, to its end."""
    config = config.with_overrides(UNRESTRICTED)
    env = Environment(
        config=config,
        log=log,
        resolver=Untouched(),
        dns=NameService(Resolver(protocols=config.words("inet_protocols"))),
        submit=WakingDrop,
        rates=AnvilClient(config),
    )
    client = Client("127.0.0.1", "0", "localhost", "localhost", OK, OK)
    log.info(f"connect from {client.namaddr}")
    # What is sent ahead by a program that writes into a pipe bothers nobody.
    session = Session(env, client, client, pipelined=True)
    # A dialogue wants a socket, and pipes or a terminal are none.
    ours, theirs = socket.socketpair()
    carrier = threading.Thread(target=carry, args=(*streams, theirs))
    carrier.start()
    try:
        with ours:
            Dialogue(session, ours).run(None)
    finally:
        session.forget_transaction()
        carrier.join()
        log.info(f"disconnect from {client.namaddr} {session.counters}")


class Untouched:
    """Addresses stay as they are: cleanup(8) will make them complete, behind pickup."""

    def rewrite(self, address: str, _context: str = "local") -> str:
        """The same address."""
        return address

    def resolve(self, _sender: str, recipient: str, *, verify: bool = False) -> Resolved:
        """Some place; no list asks for it."""
        return Resolved("local", "", recipient, ResolveFlag.NONE)


class WakingDrop(DropStream):
    """The session may go on for long: each of its messages goes on its way at once."""

    def finish(self, extracted: bytes = b"") -> CleanupResult:
        """Complete the file, and tell pickup."""
        result = super().finish(extracted)
        if result.ok:
            wake_pickup(self.config)
        return result


def carry(incoming: int, outgoing: int, connection: socket.socket) -> None:
    """Input into the connection, and what comes from it to the output, to the end of both."""
    sources = [incoming, connection.fileno()]
    while connection.fileno() in sources:
        for source in select.select(sources, [], [])[0]:
            data = os.read(source, PIECE)
            try:
                _pass_on(data, outgoing if source == connection.fileno() else None, connection)
            except (BrokenPipeError, ConnectionError):
                data = b""
            if not data:
                sources.remove(source)
    connection.close()


def _pass_on(data: bytes, outgoing: int | None, connection: socket.socket) -> None:
    if outgoing is None:
        connection.sendall(data) if data else connection.shutdown(socket.SHUT_WR)
    while outgoing is not None and data:
        data = data[os.write(outgoing, data) :]


PIECE: Final = 65536
UNRESTRICTED: Final[Mapping[str, str]] = {
    "smtpd_client_restrictions": "",
    "smtpd_helo_restrictions": "",
    "smtpd_sender_restrictions": "",
    "smtpd_relay_restrictions": "",
    "smtpd_recipient_restrictions": "",
    "smtpd_data_restrictions": "",
    "smtpd_end_of_data_restrictions": "",
    "smtpd_etrn_restrictions": "",
    "smtpd_reject_unlisted_sender": "no",
    "smtpd_reject_unlisted_recipient": "no",
    "smtpd_forbid_unauth_pipelining": "no",
    "smtpd_error_sleep_time": "0",
}
