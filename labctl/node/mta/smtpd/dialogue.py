"""A session and the socket that it speaks over.

WHY BATCHED REPLIES
    RFC 2920 3.2: while the client has sent more commands, their replies go out together.
"""

from __future__ import annotations

import socket

from labctl.node.base.lines import LineReader
from labctl.node.mta.smtpd import footer
from labctl.node.mta.smtpd.commands import obey
from labctl.node.mta.smtpd.limits import errors
from labctl.node.mta.smtpd.message import bare_newline
from labctl.node.mta.smtpd.reading import read_chunk, read_command, read_data
from labctl.node.mta.smtpd.restrictions.verdict import HangUp
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.mta.smtpd.transcript import Transcript
from labctl.node.wire.smtp import Reply


class Dialogue:
    """A session and the socket that it speaks over."""

    def __init__(self, session: Session, connection: socket.socket) -> None:
        self.session = session
        self.connection = connection
        config = session.env.config
        timeout = float(config.seconds("smtpd_timeout"))
        limit = config.number("line_length_limit")
        self.reader = LineReader(connection, timeout=timeout, limit=limit)
        self.transcript = Transcript()
        self._unsent: list[bytes] = []
        client = session.client
        # postconf(5) debug_peer_list: whose every word is logged.
        peers = session.env.hosts("debug_peer_list")
        self._is_traced = peers.matches(client.name, client.address)

    def run(self, refusal: Reply | None) -> None:
        """Speak until one side ends it."""
        session = self.session
        # Small replies must not wait for each other's acknowledgement.
        if self.connection.family != socket.AF_UNIX:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._say(refusal or obey.greet(session))
            while session.mode is not Mode.CLOSED:
                self._step()
            self._flush()
        except HangUp:
            # access(5): what was not sent yet is not sent any more.
            session.mode = Mode.CLOSED
        except (EOFError, ConnectionError):
            session.reason = "lost connection"
        except TimeoutError:
            session.reason = "timeout"
            self.reader.deadline = None  # it was for the request; the last word needs time too
            self._say_if_possible(f"421 4.4.2 {session.hostname} Error: timeout exceeded")
        if session.reason:
            self._log_end()

    def _step(self) -> None:
        session = self.session
        if last_word := errors.too_many_errors(session):
            self._say(last_word)
            return
        if not self.reader.buffered:
            self._flush()
        line = read_command(session, self.reader)
        session.pending = self.reader.peek()
        self.transcript.heard(line)
        self._trace("<", line)
        refusal = bare_newline.of_command(session, line)
        reply = refusal or obey.receive_line(session, line.rstrip(b"\n").rstrip(b"\r"))
        if session.mode is Mode.CHUNK:
            reply = self._end_of_content("BDAT", read_chunk(session, self.reader, reply))
        self._say(reply)
        if session.mode is Mode.DATA:
            self._flush()
            self._say(self._end_of_content("DATA", read_data(session, self.reader)))

    def _end_of_content(self, verb: str, reply: Reply) -> Reply:
        if reply.is_error:
            self.session.errors += 1
        else:
            self.session.counters.accept(verb)
            if self.session.transaction is None:
                self.transcript.forgive()
        return obey.hang_up_if_wanted(self.session, reply)

    def _say(self, reply: Reply) -> None:
        env = self.session.env
        reply = footer.add(self.session, reply)
        if env.config.flag("soft_bounce"):
            reply = reply.softened()
        # postconf(5) smtpd_soft_error_limit: who makes errors has to wait for every reply.
        if errors.is_slowed(self.session):
            env.sleep(env.config.seconds("smtpd_error_sleep_time"))
        self.transcript.said(reply)
        self._unsent.append(reply.encode())
        self._trace(">", self._unsent[-1])

    def _trace(self, direction: str, data: bytes) -> None:
        if not self._is_traced:
            return
        for line in data.decode("utf-8", "replace").splitlines():
            self.session.env.log.info(f"{direction} {self.session.client.namaddr}: {line}")

    def _flush(self) -> None:
        data = b"".join(self._unsent)
        self._unsent.clear()
        if data:
            self.reader.send_all(data)

    def _say_if_possible(self, text: str) -> None:
        try:
            self._say(Reply.of(text))
            self._flush()
        except OSError:
            return

    def _log_end(self) -> None:
        session = self.session
        size = self._size_so_far() if session.mode in (Mode.DATA, Mode.CHUNK) else None
        told = "" if size is None else f" ({size} bytes)"
        session.env.log.info(
            f"{session.reason} after {session.stage}{told} from {session.client.namaddr}"
        )

    def _size_so_far(self) -> int:
        """What of the content is here; of BDAT also what waits for the end of its line."""
        transaction = self.session.transaction
        if transaction is None or transaction.submission is None:
            return 0
        waiting = transaction.chunks.waiting if transaction.chunks else 0
        return transaction.submission.size + waiting
