"""BDAT: a chunk of known size follows at once.  RFC 3030.

INPUT AND OUTPUT
    The reply to a chunk comes when its bytes are here: ``bdat`` says whether they are wanted,
    ``end_of_chunk`` what the client hears of those that are.
"""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.services.cleanup import CleanupResult
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands.keywords import hidden_keywords
from labctl.node.mta.smtpd.commands.parameters import LARGEST
from labctl.node.mta.smtpd.message import ending
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.mta.smtpd.transaction import Chunking
from labctl.node.wire.smtp import Reply


def bdat(session: Session, argument: str) -> Reply:
    """A chunk of known size follows at once.  The reply of a good one comes after the chunk."""
    if "CHUNKING" in hidden_keywords(session):
        return session.end("521 5.5.1 Error: command not implemented")
    words = argument.split()
    last = len(words) == 2 and words[1].upper() == "LAST"
    if not words or not _is_size(words[0]) or len(words) > 1 + last:
        # Nobody knows where the next command begins: RFC 3030 4.2 leaves only the end.
        _warn(session, "malformed BDAT command syntax", f": BDAT {argument}")
        return session.end("521 5.5.4 Syntax: BDAT count [LAST]")
    session.chunk_size, session.last_chunk = int(words[0]), last
    refusal = _refuse_chunk(session)
    # RFC 3030 2: the chunk comes anyhow, and is thrown away.
    session.mode = Mode.CHUNK
    if refusal is not None:
        fail(session)
        return refusal
    if session.chunking is Chunking.NONE:
        ending.begin(session)
        session.chunking = Chunking.OPEN
    return CHUNK_FOLLOWS


def fail(session: Session) -> None:
    """Nothing of this message is wanted any more: up to its last chunk, nothing is heard."""
    session.forget_transaction()
    session.chunking = Chunking.NONE if session.last_chunk else Chunking.FAILED


def end_of_chunk(session: Session) -> Reply:
    """All bytes of a good chunk are here."""
    session.mode = Mode.COMMAND
    transaction = session.transaction
    assert transaction is not None
    assert transaction.submission is not None
    size = transaction.submission.size
    if transaction.submission.failed:
        failed = transaction.submission.failed
        fail(session)
        return ending.told(CleanupResult(failed))
    if not session.last_chunk:
        return Reply(250, "2.0.0", (f"Ok: {session.chunk_size} bytes",))
    return ending.end_of_message(session, f"Ok: {size} bytes queued as {{queue_id}}")


def _refuse_chunk(session: Session) -> Reply | None:
    if session.chunking is Chunking.FAILED:
        size = session.chunk_size
        return Reply.of(f"551 5.0.0 Discarded {size} bytes after earlier error")
    if session.chunking is Chunking.NONE:
        refusal = ending.not_ready(session)
        if refusal is not None:
            return refusal
        verdict = stages.check_data(session)
        if verdict is not None:
            return verdict.reply
    if session.chunk_size == 0 and not session.last_chunk:
        _warn(session, "null BDAT request")
        return Reply.of("551 5.7.1 Null BDAT request")
    limit = session.env.config.number("message_size_limit")
    so_far = _size_so_far(session)
    if limit and limit - so_far < session.chunk_size:
        _warn(session, "BDAT request", " exceeds message size limit")
        return Reply.of("552 5.3.4 Chunk exceeds message size limit")
    return None


def _is_size(word: str) -> bool:
    return word.isascii() and word.isdigit() and int(word[:20]) <= LARGEST and len(word) < 20


def _warn(session: Session, what: str, more: str = "") -> None:
    queue_id = (session.transaction and session.transaction.queue_id) or "NOQUEUE"
    session.env.log.warning(f"{queue_id}: {what} from {session.client.namaddr}{more}")


def _size_so_far(session: Session) -> int:
    transaction = session.transaction
    if transaction is None or transaction.submission is None:
        return 0
    return transaction.submission.size


# Never sent: the reply to BDAT comes when the chunk is here.
CHUNK_FOLLOWS: Final = Reply(250, "2.0.0", ("Ok",))
