"""Move content from the socket to cleanup, a buffer at a time."""

from __future__ import annotations

from labctl.node.base.lines import LineReader
from labctl.node.mta.smtpd.commands import bdat, data
from labctl.node.mta.smtpd.message import bare_newline
from labctl.node.mta.smtpd.message.decoding import ChunkDecoder, DotDecoder
from labctl.node.mta.smtpd.message.submission import Submission
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def read_data(session: Session, reader: LineReader) -> Reply:
    """Everything up to the dot; the reply to it."""
    submission = _submission(session)
    policy = bare_newline.policy(session)
    decoder = DotDecoder(strict=policy.standard_end, detect=policy.detect)
    while not decoder.finished:
        piece = reader.read_some()
        if not piece:
            raise EOFError("connection closed")
        submission.write(decoder.feed(piece))
        submission.write_partial(decoder.unfinished())
    reader.unread(decoder.rest)
    refusal = bare_newline.of_content(session) if decoder.bare_newline else None
    return refusal or data.end_of_data(session)


def read_chunk(session: Session, reader: LineReader, reply: Reply) -> Reply:
    """The bytes that BDAT announced; ``reply`` is what to say when they were not wanted."""
    wanted = not reply.is_error
    decoder = _chunk_decoder(session)
    left = session.chunk_size
    while left:
        piece = reader.read_some()
        if not piece:
            raise EOFError("connection closed")
        reader.unread(piece[left:])
        piece = piece[:left]
        left -= len(piece)
        if wanted:
            _submission(session).write(decoder.feed(piece))
            _submission(session).write_partial(decoder.unfinished())
    if not wanted:
        return bdat.chunk_refused(session, reply)
    if session.last_chunk:
        _submission(session).write(decoder.end())
        refusal = bare_newline.of_content(session) if decoder.bare_newline else None
        if refusal is not None:
            return refusal
    return bdat.end_of_chunk(session)


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
