"""Connect one POP3 session to its client, to the password file and to the INBOX.

INPUT AND OUTPUT
    ``serve(streams, peer, log)`` runs from the greeting to the end of the connection.

PRIVILEGES
    root until the login; from then on the process is the user, and opens what the user may.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import os
import signal
from typing import Final

from labctl.node.base import accounts, clock
from labctl.node.base.accounts import Account
from labctl.node.base.log import DEBUG, INFO, NOTICE, Log
from labctl.node.base.privileges import drop_to
from labctl.node.base.standard_streams import Peer, Signalled, StandardStreams
from labctl.node.base.tls import TlsFailure, certificate_of
from labctl.node.pop3d.session import Session, State, error
from labctl.node.store import login
from labctl.node.store.flags import DELETED
from labctl.node.store.listener import MailboxError, MailboxLost, Nobody
from labctl.node.store.mailbox import Mailbox
from labctl.node.store.names import folders_of, read_settings
from labctl.node.store.opening import open_mailbox
from labctl.node.store.session_lock import KISS_OF_DEATH
from labctl.node.wire import pop3, sasl

POP3S: Final = 995  # RFC 8314 3.3
LOGIN_TIMEOUT: Final = 3 * 60.0
TIMEOUT: Final = 10 * 60.0  # RFC 1939 3: at least ten minutes
KISS_TIMEOUT: Final = 5 * 60.0  # a session that was idle for so long gives its mailbox up
HEEDED: Final = (signal.SIGTERM, signal.SIGHUP, KISS_OF_DEATH)


class Service(Nobody):
    """The environment of one session; also hears what its mailbox warns of."""

    def __init__(self, streams: StandardStreams, peer: Peer, log: Log) -> None:
        self._streams, self._peer, self._log = streams, peer, log
        settings = read_settings()
        self.plaintext = not settings.disable_plaintext
        self._settings = settings
        self._doorkeeper = login.Doorkeeper(_auth_log(log), peer.described)
        secrets = login.CRAM_PASSWORDS.exists()
        self._runner = accounts.by_uid(os.getuid()) if os.getuid() else None
        self.challenge = _challenge(peer.server) if secrets else ""
        self.mechanisms = ("EXTERNAL",) * bool(self._runner) + ("CRAM-MD5",) * secrets
        self._certificate = certificate_of("ipop3d")
        self.offers_tls = self._certificate is not None
        self._session = Session(self)

    # ------------------------------------------------------------ the dialogue

    def run(self) -> None:
        """From the greeting to the end of the connection."""
        try:
            if self._peer.port == POP3S:
                self._encrypt()
            self._greet()
            self._streams.heed(HEEDED)
            self._dialogue()
        except TlsFailure as failure:
            self._log_user(f"SSL/TLS failure: {failure}")
        except EOFError:
            self._end("Unexpected client disconnect, while reading line")
        except TimeoutError:
            self._end("Autologout", "Autologout; idle for too long")
        except OSError:
            self._end("Unexpected client disconnect, while writing")
        except MailboxLost as lost:
            self._log.write(NOTICE, str(lost))
            self._end("Mailbox closed", "Mailbox closed")

    def _greet(self) -> None:
        if self._peer.address:
            self._log.write(DEBUG, f"pop3 service init from {self._peer.address}")
        host = "" if self.challenge else f" {self._peer.server}"
        challenge = f" {self.challenge}" if self.challenge else ""
        self._streams.write(f"+OK POP3{host} 2007f.104 server ready{challenge}\r\n".encode())

    def _encrypt(self) -> None:
        if self._certificate is None:
            raise TlsFailure("no certificate in /etc/ssl/certs/ipop3d.pem")
        self._streams.start_tls(self._certificate, LOGIN_TIMEOUT)
        self.offers_tls = self._session.tls_begins = False
        self.plaintext = True
        self.mechanisms += _HIDDEN

    def _dialogue(self) -> None:
        while self._session.state is not State.CLOSED:
            idle_since = clock.monotonic()
            try:
                line = self._read()
            except Signalled as got:
                if self._dies_of(got.number, clock.monotonic() - idle_since):
                    return
                continue
            reply = self._session.receive(line) if line is not None else _TOO_LONG
            self._streams.write(reply)
            if self._session.tls_begins:
                self._encrypt()
        self._streams.flush()
        self._log_user("Logout")

    def _read(self) -> bytes | None:
        patience = TIMEOUT if self._session.state is State.TRANSACTION else LOGIN_TIMEOUT
        line = self._streams.read_line(patience, limit=pop3.LONGEST_LINE)
        if len(line) < pop3.LONGEST_LINE:
            return line
        self._streams.skip_line(patience)
        return None

    def _dies_of(self, number: int, idle: float) -> bool:
        if number == KISS_OF_DEATH:
            if idle < KISS_TIMEOUT:
                return False
            self._end("Received Kiss of Death", "Received Kiss of Death")
            return True
        if self._session.mailbox is not None:
            self._session.mailbox.abandon()
            self._session.mailbox = None
        self._end("Killed", "Killed")
        return True

    def _end(self, event: str, reply: str = "") -> None:
        """The session is over without QUIT: nothing is deleted."""
        mailbox = self._session.mailbox
        if mailbox is not None:
            mailbox.close()
        if reply:
            self._streams.write(error(reply))
            self._streams.flush()
        self._log_user(event)

    # ------------------------------------------------------------ environment of the session

    def login(self, user: str, password: str) -> Mailbox | str:
        account = self._doorkeeper.login(user, password)
        if account is None:
            return "Bad login"
        return self._open(account, "Admin Login" if "*" in user else "Login")

    def apop(self, user: str, digest: str) -> Mailbox | str:
        secret, account = login.shared_secret(user), login.find_account(user)
        wanted = hashlib.md5(f"{self.challenge}{secret or ''}".encode()).hexdigest()
        right = hmac.compare_digest(wanted.encode(), digest.lower().encode())
        if secret is None or account is None or account.uid == 0 or not right:
            return "Bad APOP"
        return self._open(account, "APOP")

    def authenticate(self, mechanism: str, initial: str | None) -> Mailbox | str:
        make = sasl.MECHANISMS.get(mechanism)
        known = make is not None and (mechanism in self.mechanisms or mechanism in _HIDDEN)
        credentials = self._exchange(make(self._cram()), initial) if make and known else None
        account = (
            login.judge(credentials, self._doorkeeper, self._runner) if credentials else None
        )
        if account is None:
            self._log.write(
                INFO, f"AUTHENTICATE {mechanism} failure host={self._peer.described}"
            )
            return "Bad authentication"
        return self._open(account, "Auth")

    def _exchange(
        self, dialogue: sasl.Dialogue, initial: str | None
    ) -> sasl.Credentials | None:
        try:
            challenge = next(dialogue)
            while True:
                if initial is None:
                    self._streams.write(b"+ " + binascii.b2a_base64(challenge, newline=False))
                    self._streams.write(b"\r\n")
                    response = self._streams.read_line(LOGIN_TIMEOUT, limit=pop3.LONGEST_LINE)
                else:
                    response, initial = initial.encode(), None
                challenge = dialogue.send(binascii.a2b_base64(response))
        except StopIteration as end:
            result = end.value
            return result if isinstance(result, sasl.Credentials) else None
        except binascii.Error:
            return None

    def _cram(self) -> bytes:
        return _challenge(self._peer.server).encode()

    def _open(self, account: Account, how: str) -> Mailbox | str:
        """Become the user and open the INBOX."""
        self._session.user = account.name
        drop_to(account)
        host = self._peer.server
        place = folders_of(account, host, self._settings).place("INBOX")
        try:
            mailbox: Mailbox = open_mailbox(place, self, host)
        except MailboxError as failure:
            self._log.write(NOTICE, str(failure))
            return self._no_mailbox("Unable to open user's INBOX")
        if mailbox.readonly:
            total = len(mailbox.messages)
            self.log_update(total, 0, 0)
            mailbox.close()
            return self._no_mailbox("Can't get lock.  Mailbox in use")
        mine = sum(1 for m in mailbox.messages if not m.flags & DELETED)
        self._log_user(how, f" nmsgs={mine}/{len(mailbox.messages)}")
        return mailbox

    def _no_mailbox(self, reply: str) -> str:
        self._log_user("Error opening or locking INBOX")
        self._log_user("Login", " no mailbox")
        return reply

    # ------------------------------------------------------------ the log

    def warn(self, text: str) -> None:
        self._log.write(DEBUG, text)

    def log_update(self, left: int, deleted: int, seen: int) -> None:
        self._log_user("Update", f" nmsgs={left} ndele={deleted} nseen={seen}")

    def _log_user(self, event: str, details: str = "") -> None:
        user = self._session.user or "???"
        self._log.write(INFO, f"{event} user={user} host={self._peer.described}{details}")


def _auth_log(log: Log) -> Log:
    return Log(log.program, facility="auth", sink=log.sink)


def _challenge(host: str) -> str:
    """RFC 1939 7: never the same twice."""
    return f"<{os.getpid():x}.{int(clock.now()):x}@{host}>"


# Clear-text mechanisms work, but are not offered without TLS.
_HIDDEN: Final = ("PLAIN", "LOGIN")
_TOO_LONG: Final = error("Command line too long")
