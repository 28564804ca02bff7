"""DATA: the content follows, up to a dot alone on a line.  RFC 5321 4.1.1.4."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.message import ending
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.mta.smtpd.transaction import Chunking
from labctl.node.wire.smtp import Reply

GO_ON: Final = Reply(354, "", ("End data with <CR><LF>.<CR><LF>",))


def data(session: Session, argument: str) -> Reply:
    """The content follows, up to a dot alone on a line."""
    if session.chunking is not Chunking.NONE:
        return Reply.of("503 5.5.1 Error: DATA after BDAT")
    refusal = ending.not_ready(session)
    if refusal is not None:
        return refusal
    if argument:
        return Reply.of("501 5.5.4 Syntax: DATA")
    verdict = stages.check_data(session)
    if verdict is not None:
        return verdict.reply
    ending.begin(session)
    session.mode = Mode.DATA
    return GO_ON


def end_of_data(session: Session) -> Reply:
    """The dot was seen."""
    session.mode = Mode.COMMAND
    return ending.end_of_message(session, "Ok: queued as {queue_id}")
