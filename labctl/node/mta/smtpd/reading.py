"""Move commands and content from the socket to the session, a buffer at a time."""

from __future__ import annotations

from labctl.node.base import clock
from labctl.node.base.lines import LineReader
from labctl.node.mta.smtpd.commands import bdat, data
from labctl.node.mta.smtpd.message import bare_newline
from labctl.node.mta.smtpd.message.decoding import ChunkDecoder, DotDecoder
from labctl.node.mta.smtpd.message.submission import Submission
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.wire.smtp import Reply


def read_command(session: Session, reader: LineReader) -> bytes:
    """One line; of a line that is too long, the beginning.  Raises EOFError."""
    patience = _Patience(session, reader)
    line = reader.read_line()
    if not line.endswith(b"\n"):
        if len(line) < reader.limit:
            raise EOFError("connection closed in the middle of a line")
        beginning = line[:30].decode("utf-8", "replace")
        session.env.log.warning(
            f"{session.client.namaddr}: request longer than {reader.limit}: {beginning}..."
        )
        while not reader.read_line().endswith(b"\n"):
            if not reader.buffered:
                reader.unread(_some(reader))
    patience.end()
    return line


def read_data(session: Session, reader: LineReader) -> Reply:
    """Everything up to the dot; the reply to it."""
    submission = _submission(session)
    policy = bare_newline.policy(session)
    patience = _Patience(session, reader)
    decoder = DotDecoder(strict=policy.standard_end, detect=policy.detect)
    while not decoder.finished:
        piece = _some(reader)
        patience.extend(len(piece))
        submission.write(decoder.feed(piece))
        submission.write_partial(decoder.unfinished())
    patience.end()
    reader.unread(decoder.rest)
    refusal = bare_newline.of_data(session) if decoder.bare_newline else None
    return refusal or data.end_of_data(session)


def read_chunk(session: Session, reader: LineReader, reply: Reply) -> Reply:
    """The bytes that BDAT announced; ``reply`` is what to say when they were not wanted."""
    wanted = not reply.is_error
    decoder = _chunk_decoder(session)
    patience = _Patience(session, reader)
    left = session.chunk_size
    while left:
        piece = _some(reader)
        patience.extend(len(piece))
        reader.unread(piece[left:])
        piece = piece[:left]
        left -= len(piece)
        if wanted:
            _submission(session).write(decoder.feed(piece))
            _submission(session).write_partial(decoder.unfinished())
    patience.end()
    if not wanted:
        session.mode = Mode.COMMAND
        return reply
    if session.last_chunk:
        _submission(session).write(decoder.end())
    refusal = bare_newline.of_chunk(session) if decoder.bare_newline else None
    if refusal is not None:
        bdat.fail(session)
    return refusal or bdat.end_of_chunk(session)


class _Patience:
    """postconf(5) smtpd_per_request_deadline: time for all of a request, not for each read."""

    def __init__(self, session: Session, reader: LineReader) -> None:
        config = session.env.config
        self._reader = reader
        self._rate = 0
        if config.flag("smtpd_per_request_deadline"):
            self._rate = config.number("smtpd_min_data_rate")
            reader.deadline = clock.monotonic() + reader.timeout

    def extend(self, size: int) -> None:
        """Content that comes fast enough may take as long as it is."""
        if self._rate and self._reader.deadline is not None:
            latest = clock.monotonic() + self._reader.timeout
            self._reader.deadline = min(self._reader.deadline + size / self._rate, latest)

    def end(self) -> None:
        """The request is here."""
        self._reader.deadline = None


def _some(reader: LineReader) -> bytes:
    piece = reader.read_some()
    if not piece:
        raise EOFError("connection closed")
    return piece


def _submission(session: Session) -> Submission:
    assert session.transaction is not None
    assert session.transaction.submission is not None
    return session.transaction.submission


def _chunk_decoder(session: Session) -> ChunkDecoder:
    """A line may go on in the next chunk, and so the decoder lives as long as the message."""
    transaction = session.transaction
    if transaction is None:
        return ChunkDecoder()
    if transaction.chunks is None:
        transaction.chunks = ChunkDecoder()
    return transaction.chunks
