"""DATA and BDAT, and the end of a message.  RFC 5321 4.1.1.4, RFC 3030."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.lib.services.cleanup import CleanupResult, Stat
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.session import Chunking, Mode, Session, Transaction
from labctl.node.wire.smtp import Reply

GO_ON: Final = Reply(354, "", ("End data with <CR><LF>.<CR><LF>",))


def data(session: Session, argument: str) -> Reply:
    """The content follows, up to a dot alone on a line."""
    if session.chunking is not Chunking.NONE:
        return Reply.of("503 5.5.1 Error: DATA after BDAT")
    refusal = _not_ready(session)
    if refusal is not None:
        return refusal
    if argument:
        return Reply.of("501 5.5.4 Syntax: DATA")
    verdict = stages.check_data(session)
    if verdict is not None:
        return verdict.reply
    _begin(session)
    session.mode = Mode.DATA
    return GO_ON


def bdat(session: Session, argument: str) -> Reply:
    """A chunk of known size follows at once.  The reply of a good one comes after the chunk."""
    words = argument.split()
    last = len(words) == 2 and words[1].upper() == "LAST"
    if not words or not words[0].isdigit() or len(words) > 1 + last:
        # Nobody knows where the next command begins: RFC 3030 4.2 leaves only the end.
        _warn(session, "malformed BDAT command syntax", f": BDAT {argument}")
        return session.end("521 5.5.4 Syntax: BDAT count [LAST]")
    session.chunk_size, session.last_chunk = int(words[0]), last
    refusal = _refuse_chunk(session)
    # RFC 3030 2: the chunk comes anyhow, and is thrown away.
    session.mode = Mode.CHUNK
    if refusal is not None:
        session.forget_transaction()
        session.chunking = Chunking.FAILED
        return refusal
    if session.chunking is Chunking.NONE:
        _begin(session)
        session.chunking = Chunking.OPEN
    return CHUNK_FOLLOWS


def end_of_data(session: Session) -> Reply:
    """The dot was seen."""
    session.mode = Mode.COMMAND
    return _end_of_message(session, "Ok: queued as {queue_id}")


def chunk_refused(session: Session, reply: Reply) -> Reply:
    """The bytes of an unwanted chunk are thrown away; now its reply may go out."""
    if session.mode is Mode.CHUNK:
        session.mode = Mode.COMMAND
    return reply


def end_of_chunk(session: Session) -> Reply:
    """All bytes of a good chunk are here."""
    session.mode = Mode.COMMAND
    transaction = session.transaction
    assert transaction is not None
    assert transaction.submission is not None
    size = transaction.submission.size
    if transaction.submission.failed:
        session.chunking = Chunking.FAILED
        return _told(CleanupResult(transaction.submission.failed))
    if not session.last_chunk:
        return Reply(250, "2.0.0", (f"Ok: {session.chunk_size} bytes",))
    return _end_of_message(session, f"Ok: {size} bytes queued as {{queue_id}}")


def _not_ready(session: Session) -> Reply | None:
    if session.transaction is None:
        return Reply.of("503 5.5.1 Error: need RCPT command")
    if session.transaction.recipient_count == 0:
        return Reply.of("554 5.5.1 Error: no valid recipients")
    return None


def _refuse_chunk(session: Session) -> Reply | None:
    if session.chunking is Chunking.FAILED:
        size = session.chunk_size
        return Reply.of(f"551 5.0.0 Discarded {size} bytes after earlier error")
    if session.chunking is Chunking.NONE:
        refusal = _not_ready(session)
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


def _warn(session: Session, what: str, more: str = "") -> None:
    queue_id = (session.transaction and session.transaction.queue_id) or "NOQUEUE"
    session.env.log.warning(f"{queue_id}: {what} from {session.client.namaddr}{more}")


def _size_so_far(session: Session) -> int:
    transaction = session.transaction
    if transaction is None or transaction.submission is None:
        return 0
    return transaction.submission.size


def _begin(session: Session) -> None:
    transaction = session.transaction
    assert transaction is not None
    assert transaction.submission is not None
    transaction.submission.begin_content(session, transaction)


def _end_of_message(session: Session, success: str) -> Reply:
    transaction = session.transaction
    assert transaction is not None
    assert transaction.submission is not None
    queue_id = transaction.queue_id
    reply = _refuse_content(session, transaction)
    if reply is None:
        result = transaction.submission.finish(transaction.actions)
        if result.ok:
            # A good message makes good for earlier errors.
            session.errors = session.junk = 0
            reply = Reply(250, "2.0.0", (success.format(queue_id=queue_id),))
        else:
            reply = _told(result)
    transaction.submission = None
    session.forget_transaction()
    return reply


def _refuse_content(session: Session, transaction: Transaction) -> Reply | None:
    """Before cleanup hears that the message is complete, and so can still be taken back."""
    assert transaction.submission is not None
    if not transaction.submission.failed:
        transaction.size = transaction.submission.size
        verdict = stages.check_end_of_data(session)
        if verdict is None:
            return None
        transaction.submission.close()
        return verdict.reply
    return None


def _told(result: CleanupResult) -> Reply:
    """What cleanup says, to the client."""
    verdict = result.verdict
    if result.reason and verdict.stat & (Stat.CONT | Stat.DEFER):
        first = result.reason.split(" ", 1)[0]
        if len(first) == 3 and first.isdigit():
            return Reply.of(result.reason)
        status, text = dsn.split(result.reason, verdict.status)
        return Reply(verdict.code, status, (text,))
    text = verdict.text if verdict.stat is Stat.CONT else f"Error: {verdict.text}"
    return Reply(verdict.code, verdict.status, (text,))


# Never sent: the reply to BDAT comes when the chunk is here.
CHUNK_FOLLOWS: Final = Reply(250, "2.0.0", ("Ok",))
