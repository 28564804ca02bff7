"""Connect one IMAP session to its client: lines, literals, logins, time and signals.

INPUT AND OUTPUT
    ``Service(streams, peer, log).run()`` goes from the greeting to the end of the connection.

PRIVILEGES
    root until the login; from then on the process is the user, and opens what the user may.
    Who starts us as an ordinary user is logged in already (PREAUTH).
"""

from __future__ import annotations

import os
import signal
import time
from typing import Final

from labctl.node.base import accounts, clock
from labctl.node.base.accounts import Account
from labctl.node.base.log import DEBUG, INFO, NOTICE, Log
from labctl.node.base.privileges import drop_to
from labctl.node.base.standard_streams import Peer, Signalled, StandardStreams
from labctl.node.base.tls import TlsFailure, certificate_of
from labctl.node.imapd.answers import Bad, Call, Done, No
from labctl.node.imapd.commands.capability import announced
from labctl.node.imapd.commands.table import COMMANDS, WITH_UID
from labctl.node.imapd.door import Door
from labctl.node.imapd.session import Session, State
from labctl.node.store.from_line import local_zone
from labctl.node.store.listener import MailboxError, MailboxLost
from labctl.node.store.names import folders_of, read_settings
from labctl.node.store.session_lock import KISS_OF_DEATH
from labctl.node.wire.imap.args import (
    AbsurdLiteral,
    Arguments,
    MissingArgument,
    UnexpectedArgument,
)

IMAPS: Final = 993  # RFC 8314 3.2: encrypted from the first octet
LOGIN_TIMEOUT: Final = 3 * 60.0
TIMEOUT: Final = 30 * 60.0  # RFC 3501 5.4: at least half an hour
LONGEST_LINE: Final = 65536
LONGEST_TAG: Final = 50
LONGEST_LITERAL: Final = 1 << 28
VERSION: Final = "IMAP4rev1 2007f.404"
# RFC 3501 7.4.1: no EXPUNGE while a client may be using message numbers.
KEEP_NUMBERS: Final = frozenset({"FETCH", "STORE", "SEARCH"})
HEEDED: Final = (signal.SIGTERM, signal.SIGHUP, KISS_OF_DEATH)


class Service:
    """The session of one client, with its lines and its mailbox."""

    def __init__(self, streams: StandardStreams, peer: Peer, log: Log) -> None:
        self._streams, self._peer, self._log = streams, peer, log
        door = Door(streams, peer, log, self._become)
        self._session = Session(peer.server, read_settings(), streams, door)
        door.disabled = self._session.settings.disable_plaintext
        self._session.certificate = certificate_of("imapd")

    def run(self) -> None:
        """From the greeting to the end of the connection."""
        try:
            if self._peer.port == IMAPS:
                self._encrypt()
            self._greet()
            self._streams.heed(HEEDED)
            self._dialogue()
        except TlsFailure as failure:
            self._log_user(f"SSL/TLS failure: {failure}")
        except EOFError:
            self._end("Unexpected client disconnect, while reading line")
        except TimeoutError:
            self._end("Autologout", "Autologout (idle for too long)")
        except Signalled as got:
            self._die_of(got.number)
        except MailboxLost as lost:
            self._log.write(NOTICE, str(lost))
            self._session.abandon_mailbox()
            self._end("Fatal mailbox error", f"Fatal mailbox error: {lost}")
        except OSError:
            self._end("Unexpected client disconnect, while writing")

    # ------------------------------------------------------------ from greeting to BYE

    def _greet(self) -> None:
        runner = accounts.by_uid(os.getuid()) if os.getuid() else None
        if self._peer.address:
            self._log.write(DEBUG, f"imap service init from {self._peer.address}")
        if runner is not None:
            self._become(runner)
            self._log_user("Preauthenticated")
        status = "PREAUTH" if runner else "OK"
        welcome = f" Pre-authenticated user {runner.name}" if runner else ""
        now = clock.now()
        date = time.strftime("%a, %d %b %Y %H:%M:%S", time.localtime(now))
        zone = f"{local_zone(now)} ({time.strftime('%Z', time.localtime(now))})"
        self._session.say(
            f"* {status} [CAPABILITY {announced(self._session)}]{welcome} "
            f"{self._peer.server} {VERSION} at {date} {zone}"
        )

    def _dialogue(self) -> None:
        session = self._session
        while session.state is not State.LOGOUT:
            session.send()
            if session.tls_begins:
                self._encrypt()
            line = self._streams.read_line(self._patience(), limit=LONGEST_LINE)
            self.obey(line)
        session.send()
        self._streams.flush()
        self._log_user("Logout")

    def _encrypt(self) -> None:
        if self._session.certificate is None:
            raise TlsFailure("no certificate in /etc/ssl/certs/imapd.pem")
        self._streams.start_tls(self._session.certificate, LOGIN_TIMEOUT)
        self._session.now_encrypted()

    def _patience(self) -> float:
        return LOGIN_TIMEOUT if self._session.account is None else TIMEOUT

    def _die_of(self, number: int) -> None:
        if number == KISS_OF_DEATH:
            reason = "Killed (lost mailbox lock)"
            self._end(reason, reason)
        else:
            self._session.abandon_mailbox()
            self._end("Killed", "Killed")

    def _end(self, event: str, farewell: str = "") -> None:
        """The session ends without LOGOUT; changes of flags are kept."""
        session = self._session
        try:
            session.close_mailbox()
            if farewell:
                session.output.clear()
                session.say(f"* BYE {farewell}")
                session.send()
                self._streams.flush()
        except (OSError, MailboxError):
            session.abandon_mailbox()
        self._log_user(event)

    # ------------------------------------------------------------ one command

    def obey(self, line: bytes) -> None:
        """Answer one command line, and read what literals it announces."""
        tag, _, rest = line.lstrip(b" ").partition(b" ")
        name, _, arguments = rest.lstrip(b" ").partition(b" ")
        if not tag:
            self._complain("* BAD Null command", "Null command")
        elif len(tag) > LONGEST_TAG:
            self._session.say("* BAD Excessively long tag")
        elif len(line) >= LONGEST_LINE:
            self._streams.skip_line(self._patience())
            self._complain(f"{_text(tag)} BAD Command line too long", "Line too long")
        elif not name:
            self._complain(f"{_text(tag)} BAD Missing command", "Missing command")
        else:
            self._run(tag, name, arguments)

    def _complain(self, answer: str, event: str) -> None:
        self._session.say(answer)
        if self._session.account is None:
            self._log.write(INFO, f"{event} before authentication host={self._peer.described}")

    def _run(self, tag: bytes, name: bytes, rest: bytes) -> None:
        call = Call(_text(tag), _text(name).upper())
        if call.name == "UID" and rest:
            name, _, rest = rest.partition(b" ")
            call = Call(call.tag, f"UID {_text(name).upper()}", True)
        arguments = Arguments(rest, self._read_literal)
        session = self._session
        session.information = ""
        answer = self._answer(call, arguments)
        self._swallow(arguments)
        if session.state is State.SELECTED:
            session.report(with_uids=call.uid, renumber=call.name not in KEEP_NUMBERS)
        self._finish(call, answer)

    def _answer(self, call: Call, arguments: Arguments) -> Done | No | Bad:
        verb = call.name.removeprefix("UID ")
        command = COMMANDS.get(verb)
        known = command is not None and self._session.state in command.states
        if command is None or not known or (call.uid and verb not in WITH_UID):
            return Bad(f"Command unrecognized: {call.name}")
        try:
            return command.run(self._session, arguments, call)
        except (No, Bad) as answer:
            return answer
        except AbsurdLiteral:
            self._session.say("* BAD Absurdly long client literal")
            return Bad(f"Missing or invalid argument to {call.name}")
        except MissingArgument:
            return Bad(f"Missing or invalid argument to {call.name}")
        except UnexpectedArgument:
            return Bad(f"Argument given to {call.name} when none expected")

    def _finish(self, call: Call, answer: Done | No | Bad) -> None:
        session = self._session
        if isinstance(answer, Bad):
            session.flush_warning()
            session.say(f"{call.tag} BAD {answer.text}")
        elif isinstance(answer, No):
            session.flush_warning()
            failed = f"{answer.code} {call.name} failed: " if answer.code else ""
            session.say(f"{call.tag} NO {failed}{answer.text}")
        else:
            if answer.text:
                session.flush_warning()
            text = answer.text or session.closing_text(call.name)
            session.say(" ".join(word for word in (call.tag, "OK", answer.code, text) if word))

    # ------------------------------------------------------------ literals

    def _read_literal(self, size: int, ahead: bool) -> tuple[bytes, bytes]:
        """RFC 3501 7.5: a client waits for the continuation unless it sends ahead."""
        if size > LONGEST_LITERAL:
            self._refuse_literal(size, ahead)
        if not ahead:
            self._session.say("+ Ready for argument")
            self._session.send()
        data = self._streams.read_exactly(size, self._patience())
        return data, self._streams.read_line(self._patience(), limit=LONGEST_LINE)

    def _refuse_literal(self, size: int, ahead: bool) -> None:
        if ahead:
            self._discard(size)
        raise AbsurdLiteral

    def _swallow(self, arguments: Arguments) -> None:
        """A refused command may have announced a literal that is on its way already."""
        while pending := arguments.pending_literal():
            self._discard(pending)
            rest = self._streams.read_line(self._patience(), limit=LONGEST_LINE)
            arguments = Arguments(rest, self._read_literal)

    def _discard(self, size: int) -> None:
        while size:
            size -= len(self._streams.read_exactly(min(size, 65536), self._patience()))

    # ------------------------------------------------------------ users

    def _become(self, account: Account) -> None:
        """From here on the process is this user."""
        session = self._session
        drop_to(account)
        session.account, session.user = account, account.name
        session.folders = folders_of(account, self._peer.server, session.settings)
        session.state = State.AUTHENTICATED

    def _log_user(self, event: str) -> None:
        user = self._session.user or "???"
        self._log.write(INFO, f"{event} user={user} host={self._peer.described}")


def _text(word: bytes) -> str:
    return word.decode("utf-8", "surrogateescape")
